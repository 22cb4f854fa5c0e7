//! Which Azure, as a value. Nothing else knows whether it is the real one.

use super::inference::Inference;
use azure_core::credentials::TokenCredential;
use std::sync::Arc;
use url::Url;

/// One Azure cloud and the console's identity in it.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Azure Resource Manager (`https://management.azure.com`).
    pub arm: Url,
    /// The scope of tokens for it.
    pub arm_scope: String,
    /// The scope of tokens for scoring on endpoints with Entra authentication.
    pub scoring_scope: String,
    /// Who the console is.
    pub credential: Arc<dyn TokenCredential>,
    /// The way to its scoring URIs.
    pub inference: Inference,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::azure::credential::ClientCredentials;

    /// A cloud that answers nowhere.
    pub fn cloud(arm: &str) -> Cloud {
        let http = crate::azure::http::client().expect("a client");
        let arm: Url = arm.parse().expect("a URL");
        let (id, secret) = ("a-client".to_owned(), "a-secret".to_owned());
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
