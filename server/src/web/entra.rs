//! OpenID Connect with Entra ID: authorization code with PKCE, state and nonce; the ID token is fully
//! validated (signature, issuer, audience, times, nonce).

mod provider;

use super::sign_in::sealed::Started;
use crate::clock::Clock;
use crate::outside::caps::Within;
use crate::outside::line;
use app::domain::text::{is_blank, visible};
use app::domain::user::{Role, User};
use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreIdTokenVerifier};
use openidconnect::{ClaimsVerificationError, Nonce, TokenResponse as _};
use provider::{EntraClaims, EntraClient, Provider};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// How far two machines' clocks may differ, in seconds.
const SKEW_S: f64 = 300.0;
/// Longest object id; Entra's have 36 characters.
const OBJECT_CHARS_MAX: usize = 64;

/// The console's registration at Entra.
#[derive(Clone)]
pub struct Registration {
    /// The issuer (`https://login.microsoftonline.com/{tenant}/v2.0`).
    pub issuer: String,
    /// The tenant, to which people must belong.
    pub tenant: String,
    /// The app registration's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where Entra sends people back to.
    pub redirect_url: Url,
    /// App role values by the role they give.
    pub roles: BTreeMap<Role, Vec<String>>,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registration").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A sign-in that has begun: where to send the person, and what the browser keeps.
#[derive(Debug)]
pub struct Began {
    /// Entra's page.
    pub url: Url,
    /// What the ID token must hold.
    pub nonce: Nonce,
    /// The secret of PKCE.
    pub verifier: PkceCodeVerifier,
}

/// Why a sign-in failed; details are logged, not shown.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Entra cannot be reached or is not configured as expected.
    #[error("Entra cannot be used: {0}")]
    Provider(String),
    /// The code was not accepted.
    #[error("Entra did not accept the code: {0}")]
    Code(String),
    /// The ID token is not valid.
    #[error("the ID token of Entra is not valid: {0}")]
    Token(String),
}

/// Sign-in at Entra.
#[derive(Debug)]
pub struct Entra {
    registration: Registration,
    provider: Provider,
}

impl Entra {
    /// With a registration; nothing is fetched before the first sign-in.
    #[must_use]
    pub fn new(http: reqwest::Client, registration: Registration) -> Self {
        Self { provider: Provider::new(http, &registration), registration }
    }

    /// The same, with other times for Entra to answer in.
    #[must_use]
    pub fn answering(self, within: Within) -> Self {
        Self { provider: self.provider.answering(within), ..self }
    }

    /// Reads what the provider says of itself, which a sign-in would begin with; returns its name.
    ///
    /// # Errors
    /// [`SignInError::Provider`].
    pub async fn discover(&self) -> Result<&str, SignInError> {
        self.provider.client(None).await?;
        Ok(&self.registration.issuer)
    }

    /// Starts a sign-in under a state.
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

    /// Finishes a sign-in: redeems the code and reads who it is.
    ///
    /// # Errors
    /// [`SignInError`].
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
        let token = token.ok_or_else(|| SignInError::Token("there is none".to_owned()))?;
        let claims = match token.claims(&verifier(&client), &started.nonce) {
            // The provider signs with a newer key than we know (OpenID Connect Core, 10.1.1).
            Err(ClaimsVerificationError::SignatureVerification(error)) => {
                tracing::info!(%error, "the provider's keys are read again");
                let (newer, _) = self.provider.client(Some(at)).await?;
                let claims = token.claims(&verifier(&newer), &started.nonce);
                claims.map_err(|error| SignInError::Token(error.to_string()))?
            }
            claims => claims.map_err(|error| SignInError::Token(error.to_string()))?,
        };
        // The library leaves this one out (OpenID Connect Core, 3.1.3.7, 5).
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
        // Names go into sentences, entries and messages.
        let (name, username) = (visible(&name), visible(&username));
        let (tenant, object) = (entra.tid.clone(), entra.oid.clone());
        Ok(User { tenant, object, name, username, roles: self.roles(&entra.roles) })
    }

    /// What OpenID Connect leaves to the provider's own documents: of which tenant and person the token is, and
    /// from when on it is good.
    fn check(&self, claims: &EntraClaims) -> Result<(), SignInError> {
        let wrong = |what: &str| Err(SignInError::Token(what.to_owned()));
        if claims.tid != self.registration.tenant {
            return wrong("it is from another tenant");
        }
        // Tenant and object name a person for ever, in the ledger too.
        let is_id = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !(1..=OBJECT_CHARS_MAX).contains(&claims.oid.len()) || !claims.oid.chars().all(is_id) {
            return wrong("it names no person: “oid” is empty or is no object id");
        }
        if claims.nbf.is_some_and(|from| from > seconds_now() + SKEW_S) {
            return wrong("it is not good yet: “nbf” is in the future");
        }
        Ok(())
    }

    fn roles(&self, values: &[String]) -> BTreeSet<Role> {
        let table = self.registration.roles.iter();
        let given = table.filter(|(_, names)| names.iter().any(|name| values.contains(name)));
        given.map(|(role, _)| *role).collect()
    }
}

/// An error with its causes, on one line: some say only that a request failed.
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

/// Checks signature, issuer, audience, authorized party and times.
fn verifier(client: &EntraClient) -> CoreIdTokenVerifier<'_> {
    client.id_token_verifier().set_issue_time_verifier_fn(|issued| {
        match issued.timestamp() as f64 <= seconds_now() + SKEW_S {
            true => Ok(()),
            false => Err("it was issued in the future".to_owned()),
        }
    })
}

/// Tokens live on the machine's time, as their expiry does.
fn seconds_now() -> f64 {
    Clock::system().now().0 as f64 / 1_000.0
}
