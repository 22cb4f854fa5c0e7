//! Which Azure, as a value. Nothing else knows whether it is the real one.

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
    /// Whether its scoring URIs are on this machine, where the console may not otherwise send.
    pub scoring_on_loopback: bool,
}
