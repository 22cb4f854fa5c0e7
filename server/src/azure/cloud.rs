//! The Azure cloud that the console talks to, as a value. No other code depends on which cloud it is.

use super::inference::Inference;
use azure_core::credentials::TokenCredential;
use std::sync::Arc;
use url::Url;

/// One Azure cloud and the console's identity in it.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Azure Resource Manager (`https://management.azure.com`).
    pub arm: Url,
    /// The token scope for ARM.
    pub arm_scope: String,
    /// The token scope for scoring on endpoints with Entra authentication.
    pub scoring_scope: String,
    pub credential: Arc<dyn TokenCredential>,
    pub inference: Inference,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::azure::credential::ClientCredentials;

    /// A cloud without a server.
    pub fn cloud(arm: &str) -> Cloud {
        let http = crate::azure::http::client().expect("a client");
        let arm: Url = arm.parse().expect("a URL");
        let (id, secret) = ("a-client".to_owned(), "a-secret".into());
        let credential = ClientCredentials::new(http.clone(), arm.clone(), id, secret);
        Cloud {
            arm_scope: format!("{arm}.default"),
            scoring_scope: "https://ml.azure.com/.default".to_owned(),
            credential: Arc::new(credential),
            inference: Inference::on_loopback(arm.clone(), http),
            arm,
        }
    }
}
