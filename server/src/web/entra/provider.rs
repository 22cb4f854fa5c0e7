//! The provider's metadata and keys, fetched once and shared by all sign-ins.

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
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// Longest time that the provider's keys are cached (Entra recommends refreshing them once a day).
const AGE_MAX: Duration = Duration::from_secs(24 * 3_600);
/// How long after a failed fetch no other one is attempted.
const FAILURE_PAUSE: Duration = Duration::from_secs(3);
/// How often unknown signing keys may trigger a fetch within [`AGAIN_WITHIN`], so that forged tokens cannot make
/// the console flood the provider.
const AGAIN_MAX: usize = 6;
const AGAIN_WITHIN: Duration = Duration::from_secs(60);

/// Entra's additional claims (id-token-claims-reference).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EntraClaims {
    pub(super) tid: String,
    pub(super) oid: String,
    /// The token is invalid before this time, in seconds since 1970.
    pub(super) nbf: Option<f64>,
    /// App role values.
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

/// The OpenID Connect client, with the provider's endpoints and keys.
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

#[derive(Debug, Default)]
struct Known {
    client: Option<(Arc<EntraClient>, Instant)>,
    /// The last failed fetch.
    failed: Option<(Instant, String)>,
    /// When unknown signing keys triggered a fetch.
    again: Vec<Instant>,
}

/// The provider, with a cache of its metadata and keys.
#[derive(Debug)]
pub(super) struct Provider {
    http: Http,
    registration: Registration,
    known: Mutex<Known>,
}

impl Provider {
    /// Fetches nothing before the first call of [`Self::client`].
    pub(super) fn new(http: reqwest::Client, registration: &Registration) -> Self {
        let registration = registration.clone();
        let issuer = Url::parse(&registration.issuer).ok();
        let http = Http { http, issuer, within: Within::default() };
        Self { http, registration, known: Mutex::default() }
    }

    /// Replaces the timeouts.
    pub(super) fn answering(self, within: Within) -> Self {
        Self { http: Http { within, ..self.http }, ..self }
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// The client and the time of its fetch, which is later than `than` if given. Concurrent callers share one fetch.
    /// After a failed fetch, calls fail for [`FAILURE_PAUSE`].
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
                let why =
                    "its signing key is unknown, and the provider's keys were fetched a moment ago";
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
                    // Keep using the cached keys, unless the caller found that they do not fit.
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
        // People's browsers are sent to this address, so the host check applies to it as well.
        self.http
            .allowed(metadata.authorization_endpoint().url())
            .map_err(|error| provider(&error))?;
        let registration = &self.registration;
        Ok(Client::from_provider_metadata(
            metadata,
            ClientId::new(registration.client_id.clone()),
            Some(ClientSecret::new(registration.client_secret.expose_secret().to_owned())),
        )
        .set_redirect_uri(RedirectUrl::from_url(registration.redirect_url.clone())))
    }
}

/// Why a request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("no response: {0}")]
    Broken(String),
    #[error("the response cannot be read: {0}")]
    Garbled(String),
    #[error(
        "the metadata names another host than the issuer's ({0}), and the console sends nothing there"
    )]
    Elsewhere(String),
}

/// The HTTP client for openidconnect, which bundles an older reqwest. Only the issuer's own host gets requests,
/// because the metadata decides where the client secret and authorization codes are sent.
#[derive(Debug, Clone)]
pub(super) struct Http {
    http: reqwest::Client,
    issuer: Option<Url>,
    within: Within,
}

impl Http {
    /// Accepts only URLs at the issuer's origin.
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
