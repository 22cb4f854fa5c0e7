//! OpenID Connect with Entra ID: authorization code with PKCE, state and nonce; the ID token is fully
//! validated (signature, issuer, audience, times, nonce).

use app::domain::user::{Role, User};
use oauth2::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken,
};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
    CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, Client, IdTokenFields, IssuerUrl, Nonce, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use tokio::sync::RwLock;
use url::Url;

/// Entra's own claims (id-token-claims-reference).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct EntraClaims {
    tid: String,
    oid: String,
    #[serde(default)]
    roles: Vec<String>,
}

impl AdditionalClaims for EntraClaims {}

type Fields = IdTokenFields<
    EntraClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type EntraClient = Client<
    EntraClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    StandardRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

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

/// What a started sign-in must find again in the session; used once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Started {
    /// What Entra must send back.
    pub state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    /// Where the person wanted to go.
    pub to: String,
}

/// Why a sign-in failed; details are logged, not shown.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Entra cannot be reached or is not configured as expected.
    #[error("Entra cannot be used: {0}")]
    Provider(String),
    /// The code was not accepted.
    #[error("the code was not accepted: {0}")]
    Code(String),
    /// The ID token is not valid.
    #[error("the ID token is not valid: {0}")]
    Token(String),
}

/// An error of the HTTP client, as openidconnect wants it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct HttpError(String);

/// Sign-in at Entra.
#[derive(Debug)]
pub struct Entra {
    http: Http,
    registration: Registration,
    client: RwLock<Option<EntraClient>>,
}

impl Entra {
    /// With a registration; nothing is fetched before the first sign-in.
    #[must_use]
    pub fn new(http: reqwest::Client, registration: Registration) -> Self {
        Self { http: Http(http), registration, client: RwLock::new(None) }
    }

    /// Reads what the provider says of itself, which a sign-in would begin with; returns its name.
    ///
    /// # Errors
    /// [`SignInError::Provider`].
    pub async fn discover(&self) -> Result<&str, SignInError> {
        self.client().await?;
        Ok(&self.registration.issuer)
    }

    /// Starts a sign-in: where to send the person, and what to keep.
    ///
    /// # Errors
    /// [`SignInError::Provider`].
    pub async fn start(&self, to: String) -> Result<(Url, Started), SignInError> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .add_prompt(CoreAuthPrompt::SelectAccount)
            .url();
        Ok((url, Started { state, nonce, verifier, to }))
    }

    /// Finishes a sign-in: redeems the code and reads who it is.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn finish(&self, started: Started, code: String) -> Result<User, SignInError> {
        let outcome = self.redeem(started, AuthorizationCode::new(code)).await;
        if matches!(outcome, Err(SignInError::Token(_))) {
            // Entra rotates its keys: the next sign-in fetches them again.
            *self.client.write().await = None;
        }
        outcome
    }

    async fn redeem(&self, started: Started, code: AuthorizationCode) -> Result<User, SignInError> {
        let client = self.client().await?;
        let answer = client
            .exchange_code(code)
            .map_err(|error| SignInError::Provider(error.to_string()))?
            .set_pkce_verifier(started.verifier)
            .request_async(&self.http)
            .await
            .map_err(|error| SignInError::Code(error.to_string()))?;
        let token = answer.id_token();
        let token = token.ok_or_else(|| SignInError::Token("there is none".to_owned()))?;
        let claims = token
            .claims(&client.id_token_verifier(), &started.nonce)
            .map_err(|error| SignInError::Token(error.to_string()))?;
        let entra = claims.additional_claims();
        if entra.tid != self.registration.tenant {
            return Err(SignInError::Token("it is from another tenant".to_owned()));
        }
        let name = claims.name().and_then(|name| name.get(None)).map(|name| name.to_string());
        let username = claims.preferred_username().map(|name| name.to_string()).unwrap_or_default();
        Ok(User {
            tenant: entra.tid.clone(),
            object: entra.oid.clone(),
            name: name.filter(|n| !n.is_empty()).unwrap_or_else(|| username.clone()),
            username,
            roles: self.roles(&entra.roles),
        })
    }

    fn roles(&self, values: &[String]) -> BTreeSet<Role> {
        let table = self.registration.roles.iter();
        let given = table.filter(|(_, names)| names.iter().any(|name| values.contains(name)));
        given.map(|(role, _)| *role).collect()
    }

    async fn client(&self) -> Result<EntraClient, SignInError> {
        if let Some(client) = &*self.client.read().await {
            return Ok(client.clone());
        }
        let provider = |error: &dyn std::fmt::Display| SignInError::Provider(error.to_string());
        let issuer =
            IssuerUrl::new(self.registration.issuer.clone()).map_err(|error| provider(&error))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http)
            .await
            .map_err(|error| provider(&error))?;
        let registration = &self.registration;
        let client = Client::from_provider_metadata(
            metadata,
            ClientId::new(registration.client_id.clone()),
            Some(ClientSecret::new(registration.client_secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::from_url(registration.redirect_url.clone()));
        *self.client.write().await = Some(client.clone());
        Ok(client)
    }
}

/// openidconnect's own HTTP client is older than ours: it is handed ours.
#[derive(Debug, Clone)]
struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let failed = |error: reqwest::Error| HttpError(error.without_url().to_string());
            let request = reqwest::Request::try_from(request).map_err(failed)?;
            let answer = self.0.execute(request).await.map_err(failed)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = HttpResponse::new(answer.bytes().await.map_err(failed)?.to_vec());
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}
