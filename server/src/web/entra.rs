//! OpenID Connect with Entra ID: authorization code flow with PKCE, state and nonce. The ID token's signature,
//! issuer, audience, times and nonce are validated.

mod provider;

use super::sign_in::sealed::Started;
use crate::clock::Clock;
use crate::outside::caps::Within;
use crate::outside::line;
use domain::text::{is_blank, visible};
use domain::user::{Role, User};
use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreIdTokenVerifier};
use openidconnect::{ClaimsVerificationError, Nonce, TokenResponse as _};
use provider::{EntraClaims, EntraClient, Provider};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Tolerated clock skew, in seconds.
const SKEW_S: f64 = 300.0;
/// Longest object ID, in characters; Entra's are 36 characters long.
const OBJECT_CHARS_MAX: usize = 64;

/// The console's app registration in Entra.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The issuer (`https://login.microsoftonline.com/{tenant}/v2.0`).
    pub issuer: String,
    /// The tenant that people must belong to.
    pub tenant: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub redirect_url: Url,
    /// The app role values that grant each role.
    pub roles: BTreeMap<Role, Vec<String>>,
}

/// A started sign-in: the URL to send the person to, and the secrets that the browser keeps until Entra answers.
#[derive(Debug)]
pub struct Began {
    pub url: Url,
    /// The ID token must contain it.
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
}

/// Why a sign-in failed. Details are logged, not shown.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Entra is unreachable or its metadata is not usable.
    #[error("Entra cannot be used: {0}")]
    Provider(String),
    #[error("Entra rejected the authorization code: {0}")]
    Code(String),
    #[error("the ID token from Entra is invalid: {0}")]
    Token(String),
}

/// Sign-in with Entra.
#[derive(Debug)]
pub struct Entra {
    registration: Registration,
    provider: Provider,
}

impl Entra {
    /// Fetches nothing before the first sign-in.
    #[must_use]
    pub fn new(http: reqwest::Client, registration: Registration) -> Self {
        Self { provider: Provider::new(http, &registration), registration }
    }

    /// Replaces the timeouts.
    #[must_use]
    pub fn answering(self, within: Within) -> Self {
        Self { provider: self.provider.answering(within), ..self }
    }

    /// Fetches the provider's metadata, as a sign-in would, and returns the issuer.
    ///
    /// # Errors
    /// [`SignInError::Provider`].
    pub async fn discover(&self) -> Result<&str, SignInError> {
        self.provider.client(None).await?;
        Ok(&self.registration.issuer)
    }

    /// Starts a sign-in with the given `state` parameter.
    ///
    /// # Errors
    /// [`SignInError::Provider`].
    pub async fn start(&self, state: String) -> Result<Began, SignInError> {
        let (client, _) = self.provider.client(None).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, _, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .add_prompt(CoreAuthPrompt::SelectAccount)
            .url();
        Ok(Began { url, nonce, verifier })
    }

    /// Finishes a sign-in: redeems the code and returns the person named by the ID token.
    pub async fn finish(&self, started: Started, code: String) -> Result<User, SignInError> {
        let (client, at) = self.provider.client(None).await?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| SignInError::Provider(error.to_string()))?
            .set_pkce_verifier(started.verifier)
            .request_async(self.provider.http())
            .await
            .map_err(|error| SignInError::Code(causes(&error)))?;
        let token = answer.id_token();
        let token = token
            .ok_or_else(|| SignInError::Token("the response contains no ID token".to_owned()))?;
        let claims = match token.claims(&verifier(&client), &started.nonce) {
            // The provider may have rotated its keys (OpenID Connect Core, 10.1.1).
            Err(ClaimsVerificationError::SignatureVerification(error)) => {
                tracing::info!(%error, "fetching the provider's keys again");
                let (newer, _) = self.provider.client(Some(at)).await?;
                let claims = token.claims(&verifier(&newer), &started.nonce);
                claims.map_err(|error| SignInError::Token(error.to_string()))?
            }
            claims => claims.map_err(|error| SignInError::Token(error.to_string()))?,
        };
        // The library does not check `azp` (OpenID Connect Core, 3.1.3.7, 5).
        let party = claims.authorized_party();
        if party.is_some_and(|party| party.as_str() != self.registration.client_id) {
            return Err(SignInError::Token("it is for another application (“azp”)".to_owned()));
        }
        let entra = claims.additional_claims();
        self.check(entra)?;
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let username = claims.preferred_username().map(|name| name.to_string()).unwrap_or_default();
        let named = [name.unwrap_or_default(), username.clone(), entra.oid.clone()];
        let name = named.into_iter().find(|name| !is_blank(name)).unwrap_or_default();
        // Names appear in sentences, ledger entries and messages.
        let (name, username) = (visible(&name), visible(&username));
        let (tenant, object) = (entra.tid.clone(), entra.oid.clone());
        Ok(User { tenant, object, name, username, roles: self.roles(&entra.roles) })
    }

    /// Checks the claims that Entra defines and OpenID Connect does not: `tid`, `oid` and `nbf`.
    fn check(&self, claims: &EntraClaims) -> Result<(), SignInError> {
        let wrong = |what: &str| Err(SignInError::Token(what.to_owned()));
        if claims.tid != self.registration.tenant {
            return wrong("it is from another tenant");
        }
        // The ledger identifies a person by tenant and object permanently.
        let is_id = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !(1..=OBJECT_CHARS_MAX).contains(&claims.oid.len()) || !claims.oid.chars().all(is_id) {
            return wrong("it names no person: “oid” is empty or not an object ID");
        }
        if claims.nbf.is_some_and(|from| from > seconds_now() + SKEW_S) {
            return wrong("it is not valid yet: “nbf” is in the future");
        }
        Ok(())
    }

    fn roles(&self, values: &[String]) -> BTreeSet<Role> {
        let table = self.registration.roles.iter();
        let given = table.filter(|(_, names)| names.iter().any(|name| values.contains(name)));
        given.map(|(role, _)| *role).collect()
    }
}

/// An error with its causes, on one line. Some errors alone say only that a request failed.
fn causes(error: &dyn std::error::Error) -> String {
    let mut all = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !all.ends_with(&more) {
            all = format!("{all}: {more}");
        }
        cause = error.source();
    }
    line::part(&all)
}

/// Checks signature, issuer, audience and times.
fn verifier(client: &EntraClient) -> CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_issue_time_verifier_fn(|issued| {
        match issued.timestamp() as f64 <= seconds_now() + SKEW_S {
            true => Ok(()),
            false => Err("it was issued in the future".to_owned()),
        }
    })
}

/// Always the system clock, because the library checks a token's expiry against it as well.
fn seconds_now() -> f64 {
    Clock::system().now().0 as f64 / 1_000.0
}
