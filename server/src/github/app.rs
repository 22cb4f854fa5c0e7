//! A GitHub App as the console's identity. The App signs a JWT with its private key, and exchanges it for a token of its
//! installation, which is valid for an hour.
//!
//! Source: docs.github.com, generating a JSON Web Token and an installation access token for a GitHub App.

use super::client::{self, Client};
use super::contents::moment;
use super::credential::Token;
use super::error::Error;
use super::refused;
use crate::outside::answer;
use crate::outside::caps::GITHUB_BYTES_MAX;
use domain::timestamp::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

const JSON: &str = "application/vnd.github+json";
/// A token is renewed this long before it expires, in milliseconds.
const RENEWED_MS: i64 = 5 * 60_000;
/// GitHub's clock may be behind the console's by this much, in seconds. Source: GitHub's documentation.
const BACK_S: i64 = 60;
/// How long a JWT is valid, in seconds. GitHub allows ten minutes.
const VALID_S: i64 = 9 * 60;
/// Longest lifetime of a token that is believed, in milliseconds. GitHub's last an hour.
const LIFETIME_MS_MAX: i64 = 2 * 3_600_000;

/// The private key is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not an RSA private key in PEM form. Generate one in the GitHub App's settings")]
pub struct KeyError;

/// A GitHub App. Its key is never printed.
#[derive(Clone)]
pub struct App {
    id: u64,
    key: Arc<EncodingKey>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "App({})", self.id)
    }
}

#[derive(Serialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

impl App {
    /// An App with its private key in PEM form.
    ///
    /// # Errors
    /// If the text is no such key. The error does not contain it.
    pub fn new(id: u64, pem: &str) -> Result<Self, KeyError> {
        let key = EncodingKey::from_rsa_pem(pem.trim().as_bytes()).map_err(|_| KeyError)?;
        let app = Self { id, key: Arc::new(key) };
        // A key that cannot sign is found now, and not with the first request.
        app.jwt(Timestamp(0)).map(|_| app)
    }

    fn jwt(&self, now: Timestamp) -> Result<String, KeyError> {
        let now = now.0 / 1_000;
        let claims = Claims { iat: now - BACK_S, exp: now + VALID_S, iss: self.id.to_string() };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key)
            .map_err(|_| KeyError)
    }
}

/// The installation of an App for one repository.
#[derive(Debug)]
pub struct Installation {
    app: App,
    owner: String,
    name: String,
    /// Held while a token is requested, so that there is one request at a time.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    installation: Option<u64>,
    granted: Option<(Token, Timestamp)>,
}

impl Installation {
    /// The installation for the repository `owner/name`. Without its number, the console asks GitHub for it.
    #[must_use]
    pub fn new(app: App, installation: Option<u64>, owner: String, name: String) -> Self {
        let state = Mutex::new(State { installation, granted: None });
        Self { app, owner, name, state }
    }

    /// A token of the installation. It is kept until five minutes before it expires; if GitHub grants no new one, until
    /// it expires.
    ///
    /// # Errors
    /// [`Error`]; [`Error::NotFound`] if the App is not installed for the repository.
    pub async fn token(&self, client: &Client) -> Result<Token, Error> {
        let mut state = self.state.lock().await;
        let now = client.clock.now();
        let kept = state.granted.clone().filter(|(_, until)| until.0 > now.0);
        if let Some((token, until)) = &kept
            && until.0 - now.0 > RENEWED_MS
        {
            return Ok(token.clone());
        }
        match (self.grant(client, &mut state, now).await, kept) {
            (Ok(granted), _) => {
                state.granted = Some(granted.clone());
                Ok(granted.0)
            }
            (Err(error), Some((token, _))) => {
                tracing::warn!(%error, "GitHub grants no new token; the present one is still valid");
                Ok(token)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Drops a token that GitHub has refused.
    pub(super) async fn forget(&self) {
        self.state.lock().await.granted = None;
    }

    async fn grant(
        &self,
        client: &Client,
        state: &mut State,
        now: Timestamp,
    ) -> Result<(Token, Timestamp), Error> {
        client.may_ask()?;
        let jwt = self.app.jwt(now).map_err(|error| Error::Denied(error.to_string()))?;
        let installation = match state.installation {
            Some(installation) => installation,
            None => {
                let url = client.url(&["repos", &self.owner, &self.name, "installation"])?;
                #[derive(Deserialize)]
                struct Wire {
                    id: u64,
                }
                let request = client.bare(Method::GET, &url, JSON).bearer_auth(&jwt);
                let wire: Wire = answered(client, request).await?;
                *state.installation.insert(wire.id)
            }
        };
        #[derive(Deserialize)]
        struct Wire {
            token: String,
            expires_at: String,
        }
        let number = installation.to_string();
        let url = client.url(&["app", "installations", &number, "access_tokens"])?;
        let request = client.bare(Method::POST, &url, JSON).bearer_auth(&jwt);
        let wire: Wire = answered(client, request.header("content-length", "0")).await?;
        let token = Token::new(&wire.token)
            .map_err(|_| Error::Garbled("an installation token that is not one".to_owned()))?;
        let until = moment(&wire.expires_at).filter(|until| until.0 > now.0).ok_or_else(|| {
            Error::Garbled("an installation token without a valid end".to_owned())
        })?;
        tracing::debug!(installation, %until, "github app");
        Ok((token, Timestamp(until.0.min(now.0 + LIFETIME_MS_MAX))))
    }
}

async fn answered<T: serde::de::DeserializeOwned>(
    client: &Client,
    request: RequestBuilder,
) -> Result<T, Error> {
    let answer = request.send().await.map_err(|error| client::broken(&error))?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer::whole(answer, GITHUB_BYTES_MAX).await.map_err(client::unread);
    if !matches!(status, 200 | 201) {
        let bytes = bytes.as_deref().ok();
        let error = client.noted(refused::error(status, &headers, bytes, client.clock.now()));
        return Err(match error {
            Error::NotFound(_) => Error::NotFound(
                "the GitHub App is not installed for the repository. Install it there".to_owned(),
            ),
            Error::Denied(message) => Error::Denied(format!(
                "{message}. Check “id” and “private_key_file” of github.app in the configuration, and this \
                 machine's clock"
            )),
            error => error,
        });
    }
    let bytes = bytes?;
    answer::weigh(&bytes).map_err(Error::garbled)?;
    // The parser's error could quote the token.
    serde_json::from_slice(&bytes)
        .map_err(|_| Error::Garbled("an answer about the GitHub App without its fields".to_owned()))
}
