//! The console's identity: `azure_identity`, or the client-credentials grant for an authority on loopback, because
//! `azure_identity` requires HTTPS.

use super::identity_http;
use crate::outside::answer::{self, Unread};
use crate::outside::caps::{ENTRA_BYTES_MAX, TOKEN_SECONDS_MAX};
use azure_core::Error;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::collections::HashMap;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use url::Url;

/// The OAuth 2 client-credentials grant against a token endpoint on loopback.
#[derive(Debug)]
pub struct ClientCredentials {
    http: reqwest::Client,
    token_endpoint: Url,
    client_id: String,
    client_secret: SecretString,
    cache: Mutex<HashMap<String, AccessToken>>,
}

impl ClientCredentials {
    /// Requests no token before the first use.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        token_endpoint: Url,
        client_id: String,
        client_secret: SecretString,
    ) -> Self {
        Self { http, token_endpoint, client_id, client_secret, cache: Mutex::default() }
    }

    async fn fetch(&self, scope: &str) -> azure_core::Result<AccessToken> {
        #[derive(Deserialize)]
        struct Granted {
            access_token: String,
            expires_in: i64,
        }
        let failed = |error: reqwest::Error| {
            Error::with_error(ErrorKind::Credential, error.without_url(), "no token was granted")
        };
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose_secret()),
            ("scope", scope),
        ];
        let answer = self.http.post(self.token_endpoint.clone()).form(&form).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(failed)?;
        let none = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::with_error(ErrorKind::Credential, error, "no token was granted")
        };
        let bytes =
            answer::whole(answer, ENTRA_BYTES_MAX).await.map_err(|unread| match unread {
                Unread::Broken(error) => failed(error),
                unread => none(unread.into()),
            })?;
        answer::weigh(&bytes).map_err(|heavy| none(heavy.into()))?;
        let granted: Granted =
            serde_json::from_slice(&bytes).map_err(|error| none(error.into()))?;
        let expires = now() + Duration::seconds(granted.expires_in.clamp(0, TOKEN_SECONDS_MAX));
        Ok(AccessToken::new(granted.access_token, expires))
    }
}

#[expect(clippy::disallowed_methods, reason = "tokens expire in real time")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

#[async_trait::async_trait]
impl TokenCredential for ClientCredentials {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.join(" ");
        let mut cache = self.cache.lock().await;
        if let Some(token) =
            cache.get(&scope).filter(|t| t.expires_on > now() + Duration::minutes(2))
        {
            return Ok(token.clone());
        }
        let token = self.fetch(&scope).await?;
        cache.insert(scope, token.clone());
        Ok(token)
    }
}

/// The console's identity in the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Identity {
    /// The managed identity of the machine or app service.
    ManagedIdentity {
        /// The client ID of a user-assigned identity.
        client_id: Option<String>,
    },
    /// Kubernetes workload identity, from its standard environment variables.
    WorkloadIdentity,
    /// An app registration with a secret in a file.
    ClientSecret { tenant_id: String, client_id: String, secret_file: std::path::PathBuf },
    /// The account signed in to the Azure CLI, for trying the console out on a developer's machine.
    DeveloperTools,
}

impl Identity {
    /// Builds the credential.
    ///
    /// # Errors
    /// If a file cannot be read or `azure_identity` rejects a value.
    pub fn credential(&self) -> anyhow::Result<std::sync::Arc<dyn TokenCredential>> {
        use azure_identity as identity;
        super::http::install_tls();
        Ok(match self {
            Self::ManagedIdentity { client_id } => {
                let user_assigned_id = client_id.clone().map(identity::UserAssignedId::ClientId);
                let options = identity::ManagedIdentityCredentialOptions {
                    user_assigned_id,
                    client_options: identity_http::options()?,
                };
                identity::ManagedIdentityCredential::new(Some(options))?
            }
            Self::WorkloadIdentity => {
                let credential_options = identity::ClientAssertionCredentialOptions {
                    client_options: identity_http::options()?,
                };
                let options = identity::WorkloadIdentityCredentialOptions {
                    credential_options,
                    ..Default::default()
                };
                identity::WorkloadIdentityCredential::new(Some(options))?
            }
            Self::ClientSecret { tenant_id, client_id, secret_file } => {
                let secret = crate::secret_file::secret("credential.secret_file", secret_file)?;
                let secret = Secret::new(secret);
                let client_options = identity_http::options()?;
                let options = identity::ClientSecretCredentialOptions { client_options };
                identity::ClientSecretCredential::new(
                    tenant_id,
                    client_id.clone(),
                    secret,
                    Some(options),
                )?
            }
            Self::DeveloperTools => identity::DeveloperToolsCredential::new(None)?,
        })
    }

    /// Builds the credential for a cloud on loopback, which `azure_identity` does not support.
    ///
    /// # Errors
    /// If the identity is not a client secret, or its file cannot be read.
    pub fn on_loopback(
        &self,
        http: &reqwest::Client,
        authority: &str,
    ) -> anyhow::Result<std::sync::Arc<dyn TokenCredential>> {
        let Self::ClientSecret { tenant_id, client_id, secret_file } = self else {
            anyhow::bail!("credential: a cloud on loopback supports only kind: client_secret");
        };
        let url = Url::parse(&format!("{authority}/{tenant_id}/oauth2/v2.0/token"))?;
        let secret = crate::secret_file::secret("credential.secret_file", secret_file)?;
        let credential =
            ClientCredentials::new(http.clone(), url, client_id.clone(), secret.into());
        Ok(std::sync::Arc::new(credential))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_with_a_secret_needs_no_earlier_client() {
        let secret_file = std::env::temp_dir().join(format!("secret-{}", std::process::id()));
        std::fs::write(&secret_file, "only-of-this-test\n").expect("a file");
        let identity = Identity::ClientSecret {
            tenant_id: "5f1c2f4e-6d39-4a58-9b70-2b0a0a0d2c11".to_owned(),
            client_id: "an-app".to_owned(),
            secret_file: secret_file.clone(),
        };
        assert!(identity.credential().is_ok());
        std::fs::write(&secret_file, " \n").expect("a file");
        assert!(identity.credential().is_err_and(|e| e.to_string().contains("is empty")));
        std::fs::remove_file(secret_file).expect("the file exists");
        assert!(identity.credential().is_err_and(|e| format!("{e:#}").contains("secret_file")));
    }
}
