//! The provider as it says it is: its addresses and keys, read once for all who sign in.

use super::{Registration, SignInError};
use crate::outside::answer::{self, Unread};
use crate::outside::caps::{ENTRA_BYTES_MAX, Within};
use crate::outside::line;
use oauth2::{
    AsyncHttpClient, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, RedirectUrl, StandardRevocableToken,
};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, Client, IdTokenFields, IssuerUrl, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// The provider's keys are read again when they are older (Entra asks for once a day).
const AGE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// A provider that could not be read is not asked again at once.
const FAILURE_PAUSE: Duration = Duration::from_secs(3);
/// So often keys are read again for tokens that were signed with others, within …
const AGAIN_MAX: usize = 6;
/// … this time: whoever makes up keys does not make the console read.
const AGAIN_WITHIN: Duration = Duration::from_secs(60);

/// Entra's own claims (id-token-claims-reference).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EntraClaims {
    /// The tenant.
    pub(super) tid: String,
    /// The person in it.
    pub(super) oid: String,
    /// Seconds since 1970 before which the token must not be taken.
    #[serde(default)]
    pub(super) nbf: Option<f64>,
    /// The values of app roles.
    #[serde(default)]
    pub(super) roles: Vec<String>,
}

impl AdditionalClaims for EntraClaims {}

type Fields = IdTokenFields<
    EntraClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The console as the provider knows it.
pub(super) type EntraClient = Client<
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

/// What is known of the provider.
#[derive(Debug, Default)]
struct Known {
    client: Option<(Arc<EntraClient>, Instant)>,
    /// When it could not be read, and why.
    failed: Option<(Instant, String)>,
    /// When its keys were read again because a token was signed with another one.
    again: Vec<Instant>,
}

/// Where sign-in happens.
#[derive(Debug)]
pub(super) struct Provider {
    http: Http,
    registration: Registration,
    known: Mutex<Known>,
}

impl Provider {
    /// With a registration; nothing is read before somebody asks.
    pub(super) fn new(http: reqwest::Client, registration: &Registration) -> Self {
        let registration = registration.clone();
        let issuer = Url::parse(&registration.issuer).ok();
        let http = Http { http, issuer, within: Within::default() };
        Self { http, registration, known: Mutex::default() }
    }

    /// The same provider, with other times to answer in.
    pub(super) fn answering(self, within: Within) -> Self {
        Self { http: Http { within, ..self.http }, ..self }
    }

    /// Through which it is spoken to.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// The provider as it was read, and when: newer than `than`, when that is given. One read serves all who
    /// wait for it, and one that failed is not repeated at once.
    pub(super) async fn client(
        &self,
        than: Option<Instant>,
    ) -> Result<(Arc<EntraClient>, Instant), SignInError> {
        let mut known = self.known.lock().await;
        let now = Instant::now();
        if let Some((client, at)) = &known.client
            && than.is_none_or(|than| *at > than)
            && now.duration_since(*at) < AGE_MAX
        {
            return Ok((Arc::clone(client), *at));
        }
        if let Some((at, why)) = &known.failed
            && now.duration_since(*at) < FAILURE_PAUSE
        {
            return Err(SignInError::Provider(why.clone()));
        }
        if than.is_some() {
            known.again.retain(|at| now.duration_since(*at) < AGAIN_WITHIN);
            if known.again.len() >= AGAIN_MAX {
                let why = "it is signed with a key that is not known, and the keys were just read";
                return Err(SignInError::Token(why.to_owned()));
            }
            known.again.push(now);
        }
        match self.read().await {
            Ok(client) => {
                let (client, at) = (Arc::new(client), Instant::now());
                *known = Known {
                    client: Some((Arc::clone(&client), at)),
                    failed: None,
                    again: std::mem::take(&mut known.again),
                };
                Ok((client, at))
            }
            Err(error) => {
                known.failed = Some((Instant::now(), error.to_string()));
                match &known.client {
                    // Old keys are better than nobody who can sign in, unless the old ones were wrong.
                    Some((client, at)) if than.is_none() => Ok((Arc::clone(client), *at)),
                    _ => Err(error),
                }
            }
        }
    }

    async fn read(&self) -> Result<EntraClient, SignInError> {
        let provider = |error: &dyn std::error::Error| SignInError::Provider(super::causes(error));
        let issuer =
            IssuerUrl::new(self.registration.issuer.clone()).map_err(|error| provider(&error))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http)
            .await
            .map_err(|error| provider(&error))?;
        // Everybody who signs in is sent there.
        self.http
            .allowed(metadata.authorization_endpoint().url())
            .map_err(|error| provider(&error))?;
        let registration = &self.registration;
        Ok(Client::from_provider_metadata(
            metadata,
            ClientId::new(registration.client_id.clone()),
            Some(ClientSecret::new(registration.client_secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::from_url(registration.redirect_url.clone())))
    }
}

/// Why nothing was read of the provider.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// It did not answer.
    #[error("no answer: {0}")]
    Broken(String),
    /// It answered something that is not taken.
    #[error("its answer cannot be read: {0}")]
    Garbled(String),
    /// It names an address at another host.
    #[error("it names an address at another host ({0}), where nothing is sent")]
    Elsewhere(String),
}

/// openidconnect's own HTTP client is older than ours: it is handed ours, which speaks to the issuer's own host
/// alone. What the provider says of itself names where the console's secret and people's codes go.
#[derive(Debug, Clone)]
pub(super) struct Http {
    http: reqwest::Client,
    issuer: Option<Url>,
    within: Within,
}

impl Http {
    /// Whether something may be sent to an address that the provider named.
    fn allowed(&self, url: &Url) -> Result<(), HttpError> {
        let is_own = self.issuer.as_ref().is_some_and(|issuer| issuer.origin() == url.origin());
        if is_own && url.username().is_empty() && url.password().is_none() {
            return Ok(());
        }
        Err(HttpError::Elsewhere(line::part(url.host_str().unwrap_or("?"))))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error: reqwest::Error| {
            HttpError::Broken(match error {
                error if error.is_timeout() => "it took too long".to_owned(),
                error if error.is_connect() => "no connection".to_owned(),
                _ => "the connection broke".to_owned(),
            })
        };
        let garbled = |error: &dyn std::error::Error| HttpError::Garbled(error.to_string());
        let mut request = reqwest::Request::try_from(request).map_err(failed)?;
        self.allowed(request.url())?;
        *request.timeout_mut() = Some(self.within.answer);
        let answer = self.http.execute(request).await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer::whole(answer, ENTRA_BYTES_MAX).await.map_err(|unread| match unread {
            Unread::Broken(error) => failed(error),
            unread => garbled(&unread),
        })?;
        answer::weigh(&body).map_err(|heavy| garbled(&heavy))?;
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}
