//! One request to Azure Resource Manager.
//!
//! Reads are retried a few times, honouring `Retry-After`; writes are not, because a write whose answer
//! was lost may have been carried out: whoever asked must read back first.

use super::cloud::Cloud;
use super::error::Error;
use super::resource_id::ResourceId;
use super::timely::{self, TooLate};
use super::{link, list, refused};
use crate::outside::answer::{self, Unread};
use crate::outside::caps::{ANSWER_BYTES_MAX, RETRY_AFTER_MAX, Within};
use crate::secrets::Marks;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use url::Url;

pub use super::workspaces::Workspace;

/// The version of Azure ML's interface that is asked for (azure-ai-ml 1.35's own default).
pub const ML_API_VERSION: &str = "2025-12-01";
/// Tries of a read.
const READ_TRIES_MAX: u32 = 3;
/// Longest wait between two tries; whoever wants longer is told instead.
const RETRY_WAIT_MAX: Duration = Duration::from_secs(5);

/// What Azure answered.
#[derive(Debug)]
pub struct Reply {
    /// The status, 2xx.
    pub status: StatusCode,
    /// Where to ask how a long-running operation stands.
    pub operation: Option<Url>,
    /// When Azure wants to be asked again.
    pub retry_after: Option<Duration>,
    /// The body; `Null` when there is none.
    pub body: Value,
    /// How many bytes it had.
    pub bytes: usize,
}

/// The way to Azure Resource Manager.
#[derive(Debug, Clone)]
pub struct Arm {
    http: reqwest::Client,
    cloud: Cloud,
    reads_left: Arc<AtomicI64>,
    /// Until when requests may leave.
    until: Option<Instant>,
    marks: Marks,
    within: Within,
}

impl Arm {
    /// Uses a client and a cloud.
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

    /// The same client, with these marks to distinguish secret values.
    #[must_use]
    pub fn marking(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }

    /// The marks that distinguish secret values.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The same way to an Azure that has other times to answer in.
    #[must_use]
    pub fn answering(self, within: Within) -> Self {
        Self { within, ..self }
    }

    /// How long Azure may take.
    #[must_use]
    pub fn within(&self) -> Within {
        self.within
    }

    /// The same way, on which nothing leaves after a certain moment.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        Self { until: Some(until), ..self.clone() }
    }

    /// The cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// Reads that Azure said are left before it throttles; large when it did not say.
    #[must_use]
    pub fn reads_left(&self) -> i64 {
        self.reads_left.load(Ordering::Relaxed)
    }

    /// The URL of a resource below the cloud's ARM, with the interface's version.
    ///
    /// # Errors
    /// [`Error::Garbled`] when the path cannot be part of a URL.
    pub fn url(&self, path: &str, api_version: &str, query: &[(&str, &str)]) -> Result<Url, Error> {
        let mut url = self.cloud.arm.join(path).map_err(Error::garbled)?;
        url.query_pairs_mut().append_pair("api-version", api_version).extend_pairs(query);
        Ok(url)
    }

    /// The URL of a resource that an answer named.
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

    /// Reads.
    ///
    /// # Errors
    /// [`Error`], after a few tries where that may help.
    pub async fn get(&self, url: Url) -> Result<Reply, Error> {
        let time = self.within.read;
        // Boxed: everything that waits for Azure holds one.
        let read = tokio::time::timeout(time, Box::pin(self.tries(url))).await;
        read.unwrap_or_else(|_| Err(Error::Unavailable("no answer in time".to_owned())))
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
    /// As [`Arm::get`]; [`Error::Garbled`] when a page is no list, points elsewhere, or there is too much of it.
    pub async fn list(&self, url: Url) -> Result<Vec<Value>, Error> {
        list::all(self, url).await
    }

    /// Sends once, whatever the method.
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
    /// [`Error::Unavailable`] when none is granted; the cause is logged, not shown.
    pub async fn token(&self, scope: &str) -> Result<String, Error> {
        let none =
            || Error::Unavailable("the console's identity got no token. See the log".to_owned());
        let scopes = [scope];
        let asked = self.cloud.credential.get_token(&scopes, None);
        let Ok(answer) = tokio::time::timeout(self.within.answer, asked).await else {
            tracing::warn!(scope, "no token for Azure in time");
            return Err(none());
        };
        let token = answer.map_err(|error| {
            tracing::warn!(scope, error = ?error, "no token for Azure");
            none()
        })?;
        Ok(token.token.secret().to_owned())
    }

    /// A URL that Azure gave, when it may be followed.
    ///
    /// # Errors
    /// [`Error::Garbled`] when the console's token must not go there.
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
        let milliseconds = header("retry-after-ms").and_then(|n| n.parse().ok());
        let seconds = header("retry-after").and_then(|n| n.parse().ok());
        let retry_after =
            milliseconds.map(Duration::from_millis).or(seconds.map(Duration::from_secs));
        let retry_after = retry_after.map(|after| after.min(RETRY_AFTER_MAX));
        // A link that cannot be followed is none: the resource itself tells how things stand.
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

fn unread(unread: Unread) -> Error {
    match unread {
        Unread::Broken(error) => broken(&error),
        unread => Error::garbled(unread),
    }
}

fn broken(error: &reqwest::Error) -> Error {
    let what = match error {
        error if timely::is_behind(error) => return TooLate.into(),
        error if error.is_timeout() => "no answer in time",
        error if error.is_connect() => "no connection",
        _ => "the connection broke",
    };
    Error::Unavailable(what.to_owned())
}
