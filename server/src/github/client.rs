//! Requests to GitHub's REST API. Reads are retried; `write` sends writes once, and `download` reads large bodies.
//!
//! Rate limits (docs.github.com, best practices for using the REST API): the client obeys `Retry-After`; if the hourly
//! quota is used up, it waits until `x-ratelimit-reset`; after any other rate limit it waits one minute. It sends
//! nothing during these waits, because further requests would prolong them.
//!
//! GitHub answers requests for a renamed or transferred repository with a redirect to the same API, which the client
//! follows. It follows no other redirects, because the token would be sent along.

use super::credential::Credential;
use super::error::Error;
use super::etag_cache::{Body, EtagCache};
use super::{redirect, refused};
use crate::clock::Clock;
use crate::outside::answer::{self, Unread};
use crate::outside::caps::Within;
use crate::outside::timely::{self, TooLate};
use domain::timestamp::Timestamp;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{Method, RequestBuilder};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use url::Url;

/// The version of GitHub's REST API.
const API_VERSION: &str = "2022-11-28";
/// Most attempts of a read.
const TRIES_MAX: u32 = 3;
/// Most redirects in a row. A repository may have been renamed several times.
pub(super) const REDIRECTS_MAX: usize = 3;

/// A client of GitHub.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    pub(super) api: Url,
    pub(super) credential: Credential,
    pub(super) clock: Clock,
    known: Arc<EtagCache>,
    rests_until: Arc<AtomicI64>,
    pub(super) within: Within,
    /// No write starts after this moment.
    pub(super) until: Option<Instant>,
}

impl Client {
    /// A client of the API at `api` (`https://api.github.com`, or `https://HOST/api/v3`). Without a credential it can
    /// read only public repositories.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        mut api: Url,
        credential: impl Into<Credential>,
        clock: Clock,
    ) -> Self {
        // Without a trailing slash, `Url::join` would replace the last segment.
        if !api.path().ends_with('/') {
            let path = format!("{}/", api.path());
            api.set_path(&path);
        }
        let known = Arc::new(EtagCache::default());
        let (rests_until, within) = (Arc::default(), Within::default());
        let credential = credential.into();
        Self { http, api, credential, clock, known, rests_until, within, until: None }
    }

    /// A client that sends no write after a moment.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        Self { until: Some(until), ..self.clone() }
    }

    /// Replaces the timeouts.
    #[must_use]
    pub fn answering(self, within: Within) -> Self {
        Self { within, ..self }
    }

    /// A URL below the API, with encoded segments.
    ///
    /// # Errors
    /// [`Error::Garbled`] if the API's URL cannot have paths.
    pub fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.api.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Garbled("the API's URL has no path".to_owned()))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// Sends a GET for the media type `accept`, with retries. The body may have at most `bytes_max` bytes.
    ///
    /// # Errors
    /// [`Error`], after retries if the error is temporary.
    pub async fn get(&self, url: &Url, accept: &str, bytes_max: usize) -> Result<Body, Error> {
        // Boxed, because every future that waits for GitHub contains one.
        let read = Box::pin(self.tries(url, accept, bytes_max));
        let read = tokio::time::timeout(self.within.read, read).await;
        read.unwrap_or_else(|_| Err(Error::Unavailable("no response in time".to_owned())))
    }

    /// Checks that no rate limit is in force.
    pub(super) fn may_ask(&self) -> Result<(), Error> {
        let until = Timestamp(self.rests_until.load(Ordering::Relaxed));
        if until > self.clock.now() { Err(Error::Limited { until }) } else { Ok(()) }
    }

    /// Remembers a rate limit, so that no request is sent before its end.
    pub(super) fn noted(&self, error: Error) -> Error {
        if let Error::Limited { until } = &error {
            self.rests_until.store(until.0, Ordering::Relaxed);
            tracing::warn!(%until, "GitHub limits the rate; no requests until then");
        }
        error
    }

    /// A request with the headers of all requests and the credential.
    pub(super) async fn request(
        &self,
        method: Method,
        url: &Url,
        accept: &str,
    ) -> Result<RequestBuilder, Error> {
        let token = self.credential.token(self).await?;
        let request = self.bare(method, url, accept);
        Ok(match token {
            Some(token) => request.bearer_auth(token.secret()),
            None => request,
        })
    }

    /// A request without credential.
    pub(super) fn bare(&self, method: Method, url: &Url, accept: &str) -> RequestBuilder {
        let request = self.http.request(method, url.clone()).timeout(self.within.answer);
        request.header(ACCEPT, accept).header("x-github-api-version", API_VERSION)
    }

    async fn tries(&self, url: &Url, accept: &str, bytes_max: usize) -> Result<Body, Error> {
        let mut tries = 1;
        loop {
            self.may_ask()?;
            match self.once(url, accept, bytes_max).await {
                Err(Error::Unavailable(_)) if tries < TRIES_MAX => {}
                outcome => return outcome.map_err(|error| self.noted(error)),
            }
            tokio::time::sleep(Duration::from_millis(100 << tries)).await;
            tries += 1;
        }
    }

    async fn once(&self, url: &Url, accept: &str, bytes_max: usize) -> Result<Body, Error> {
        let asked = format!("{accept} {url}");
        let known = self.known.get(&asked);
        let mut at = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let (body, is_new) = match self.ask(&at, accept, known.as_ref(), bytes_max).await? {
                Answer::Redirect(next) => {
                    at = next;
                    continue;
                }
                Answer::Body(body) => (body, true),
                Answer::EtagCache => {
                    let unasked =
                        || Error::Garbled("304 for a request without an entity tag".to_owned());
                    (known.ok_or_else(unasked)?, false)
                }
            };
            let body = Body { moved_to: (at != *url).then(|| Arc::new(at)), ..body };
            if is_new && !body.tag.is_empty() {
                self.known.keep(&asked, body.clone());
            }
            return Ok(body);
        }
        Err(Error::Redirected(format!("more than {REDIRECTS_MAX} times in a row")))
    }

    async fn ask(
        &self,
        url: &Url,
        accept: &str,
        known: Option<&Body>,
        bytes_max: usize,
    ) -> Result<Answer, Error> {
        let mut request = self.request(Method::GET, url, accept).await?;
        if let Some(known) = known {
            request = request.header(IF_NONE_MATCH, &known.tag);
        }
        let answer = request.send().await.map_err(|error| broken(&error))?;
        let status = answer.status().as_u16();
        tracing::debug!(path = url.path(), status, "github");
        if status == 304 && known.is_some() {
            return Ok(Answer::EtagCache);
        }
        let headers = answer.headers().clone();
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            return redirect::target(url, &headers, &self.api).map(Answer::Redirect);
        }
        let bytes = answer::whole(answer, bytes_max).await.map_err(unread);
        if status == 401 {
            self.credential.forget().await;
        }
        if status != 200 {
            return Err(refused::error(status, &headers, bytes.as_deref().ok(), self.clock.now()));
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Answer::Body(Body {
            tag: text(ETAG).unwrap_or_default().to_owned(),
            content_type: text(CONTENT_TYPE).unwrap_or_default().to_owned(),
            bytes: bytes?.into(),
            moved_to: None,
        }))
    }
}

/// The response to one request.
enum Answer {
    Body(Body),
    /// 304: the cached body is current.
    EtagCache,
    Redirect(Url),
}

pub(super) fn unread(unread: Unread) -> Error {
    match unread {
        Unread::Broken(error) => broken(&error),
        Unread::TooLarge(bytes_max) => Error::TooLarge { bytes_max },
        unread => Error::Garbled(unread.to_string()),
    }
}

pub(super) fn broken(error: &reqwest::Error) -> Error {
    Error::Unavailable(if timely::is_behind(error) {
        TooLate.to_string()
    } else if error.is_timeout() {
        "no response in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded_below_the_api() {
        let http = crate::azure::http::client().expect("a client");
        for (api, start) in [
            ("https://api.github.com", "https://api.github.com/repos"),
            ("https://ghe.example/api/v3", "https://ghe.example/api/v3/repos"),
            ("https://ghe.example/api/v3/", "https://ghe.example/api/v3/repos"),
        ] {
            let api = api.parse().expect("a URL");
            let client = Client::new(http.clone(), api, Credential::None, Clock::system());
            let url = client.url(&["repos", "a b", "#x?"]).expect("a URL");
            assert_eq!(url.as_str(), format!("{start}/a%20b/%23x%3F"));
        }
    }
}
