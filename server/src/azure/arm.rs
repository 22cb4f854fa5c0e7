//! Requests to Azure Resource Manager.
//!
//! Reads are retried and honour `Retry-After`. Writes are not, because Azure may have carried out a write whose
//! response was lost: the caller must read the resource first.

use super::cloud::Cloud;
use super::error::Error;
use super::resource_id::ResourceId;
use super::{link, list, refused};
use crate::outside::answer::{self, Unread};
use crate::outside::caps::{ANSWER_BYTES_MAX, RETRY_AFTER_MAX, Within};
use crate::outside::retry_after;
use crate::outside::timely::{self, TooLate};
use crate::secrets::Marks;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use url::Url;

pub use super::workspaces::Workspace;

/// The Azure ML API version: a stable one in Microsoft's REST reference. azure-ai-ml 1.35 pins older previews.
pub const ML_API_VERSION: &str = "2025-12-01";
/// Most attempts of a read.
const READ_TRIES_MAX: u32 = 3;
/// Longest wait between two attempts. A read that would have to wait longer fails.
const RETRY_WAIT_MAX: Duration = Duration::from_secs(5);

/// A successful response.
#[derive(Debug)]
pub struct Reply {
    /// 2xx.
    pub status: StatusCode,
    /// The URL of a long-running operation's status.
    pub operation: Option<Url>,
    pub retry_after: Option<Duration>,
    /// `Null` if the response has no body.
    pub body: Value,
    /// Length of the body, in bytes.
    pub bytes: usize,
}

/// A client of Azure Resource Manager.
#[derive(Debug, Clone)]
pub struct Arm {
    http: reqwest::Client,
    cloud: Cloud,
    reads_left: Arc<AtomicI64>,
    /// No write starts after this moment.
    until: Option<Instant>,
    marks: Marks,
    within: Within,
}

impl Arm {
    /// A client without marks or deadline, and with the default timeouts.
    #[must_use]
    pub fn new(http: reqwest::Client, cloud: Cloud) -> Self {
        Self {
            http,
            cloud,
            reads_left: Arc::new(AtomicI64::new(i64::MAX)),
            until: None,
            marks: Marks::default(),
            within: Within::default(),
        }
    }

    /// Sets the marks that distinguish secret values.
    #[must_use]
    pub fn marking(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }

    /// The marks that distinguish secret values.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Replaces the timeouts.
    #[must_use]
    pub fn answering(self, within: Within) -> Self {
        Self { within, ..self }
    }

    /// The client for hosts that `hosts.rs` allowed.
    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The timeouts.
    #[must_use]
    pub fn within(&self) -> Within {
        self.within
    }

    /// A client that sends no write after a moment.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        Self { until: Some(until), ..self.clone() }
    }

    /// The cloud that the client talks to.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Remaining reads before Azure throttles, from its last response; `i64::MAX` if unknown.
    #[must_use]
    pub fn reads_left(&self) -> i64 {
        self.reads_left.load(Ordering::Relaxed)
    }

    /// The URL of an ARM path.
    ///
    /// # Errors
    /// [`Error::Garbled`] if the path cannot be part of a URL.
    pub fn url(&self, path: &str, api_version: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let mut url = self.cloud.arm.join(path).map_err(Error::garbled)?;
        url.query_pairs_mut().append_pair("api-version", api_version).extend_pairs(query);
        Ok(url)
    }

    /// The URL of a resource that a response named.
    ///
    /// # Errors
    /// [`Error::Garbled`] when ARM's own URL cannot have paths.
    pub fn url_of(&self, id: &ResourceId, api_version: &str) -> Result<Url, Error> {
        let mut url = self.url("/", api_version, &[])?;
        url.path_segments_mut()
            .map_err(|()| Error::garbled("a URL without a path"))?
            .pop_if_empty()
            .extend(id.segments());
        Ok(url)
    }

    /// Sends a GET, with retries.
    ///
    /// # Errors
    /// [`Error`], after retries if the error is temporary.
    pub async fn get(&self, url: Url) -> Result<Reply, Error> {
        let time = self.within.read;
        // Boxed, because every future that waits for Azure contains one.
        let read = tokio::time::timeout(time, Box::pin(self.tries(url))).await;
        read.unwrap_or_else(|_| Err(Error::Unavailable("no response in time".to_owned())))
    }

    async fn tries(&self, url: Url) -> Result<Reply, Error> {
        let mut tries = 1;
        loop {
            let error = match self.send(Method::GET, url.clone(), None).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let wait = match &error {
                Error::Throttled { retry_after } => retry_after.unwrap_or(Duration::from_secs(1)),
                Error::Unavailable(_) => Duration::from_millis(100 << tries),
                _ => return Err(error),
            };
            if tries >= READ_TRIES_MAX || wait > RETRY_WAIT_MAX {
                return Err(error);
            }
            tries += 1;
            tokio::time::sleep(wait).await;
        }
    }

    /// Reads all pages of a list.
    ///
    /// # Errors
    /// As [`Arm::get`]; [`Error::Garbled`] if a page is not a list, links to another host, or a limit is exceeded.
    pub async fn list(&self, url: Url) -> Result<Vec<Value>, Error> {
        list::all(self, url).await
    }

    /// Sends a request once, without retries.
    ///
    /// # Errors
    /// [`Error`]. After [`Error::Unavailable`] a write may have been carried out.
    pub async fn send(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Reply, Error> {
        let token = self.token(&self.cloud.arm_scope).await?;
        let id = uuid::Uuid::new_v4().to_string();
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .timeout(self.within.answer)
            .bearer_auth(token)
            .header("accept", "application/json")
            .header("x-ms-client-request-id", &id);
        request = match (body, self.until) {
            (Some(body), Some(until)) => timely::json(request, body, until),
            (Some(body), None) => request.json(body),
            (None, _) if method == Method::POST => request.header("content-length", "0"),
            (None, _) => request,
        };
        self.until.map_or(Ok(()), timely::check)?;
        let answer = request.send().await.map_err(|error| broken(&error))?;
        tracing::debug!(%method, path = url.path(), status = answer.status().as_u16(), id, "arm");
        self.read(answer).await
    }

    /// A token for a scope.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if no token is granted; the cause is logged, not shown.
    pub async fn token(&self, scope: &str) -> Result<String, Error> {
        let none =
            || Error::Unavailable("the console's identity got no token; see the log".to_owned());
        let scopes = [scope];
        let asked = self.cloud.credential.get_token(&scopes, None);
        let Ok(answer) = tokio::time::timeout(self.within.answer, asked).await else {
            tracing::warn!(scope, "the request for an Azure token timed out");
            return Err(none());
        };
        let token = answer.map_err(|error| {
            tracing::warn!(scope, error = ?error, "failed to get an Azure token");
            none()
        })?;
        Ok(token.token.secret().to_owned())
    }

    /// Validates a link from a response.
    ///
    /// # Errors
    /// [`Error::Garbled`] if the console's token must not be sent there.
    pub fn followed(&self, link: &str) -> Result<Url, Error> {
        link::followed(&self.cloud, link)
    }

    async fn read(&self, answer: reqwest::Response) -> Result<Reply, Error> {
        let status = answer.status();
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        if let Some(left) =
            header("x-ms-ratelimit-remaining-subscription-reads").and_then(|n| n.parse().ok())
        {
            self.reads_left.store(left, Ordering::Relaxed);
        }
        let retry_after = retry_after::pause(answer.headers(), None);
        let retry_after = retry_after.map(|after| after.min(RETRY_AFTER_MAX));
        // An invalid link is ignored; the resource itself reports its state.
        let operation = header("azure-asyncoperation").and_then(|link| self.followed(&link).ok());
        let bytes = answer::whole(answer, ANSWER_BYTES_MAX).await.map_err(unread)?;
        let parsed = match answer::weigh(&bytes) {
            Ok(()) => serde_json::from_slice::<Value>(&bytes).map_err(Error::garbled),
            Err(heavy) => Err(Error::garbled(heavy)),
        };
        if !status.is_success() {
            return Err(refused::error(status, retry_after, parsed.ok().as_ref()));
        }
        let body = match parsed {
            Ok(body) => body,
            Err(_) if bytes.is_empty() => Value::Null,
            Err(error) => return Err(error),
        };
        Ok(Reply { status, operation, retry_after, body, bytes: bytes.len() })
    }
}

pub(super) fn unread(unread: Unread) -> Error {
    match unread {
        Unread::Broken(error) => broken(&error),
        unread => Error::garbled(unread),
    }
}

pub(super) fn broken(error: &reqwest::Error) -> Error {
    let what = match error {
        error if timely::is_behind(error) => return TooLate.into(),
        error if error.is_timeout() => "no response in time",
        error if error.is_connect() => "no connection",
        _ => "the connection broke",
    };
    Error::Unavailable(what.to_owned())
}
