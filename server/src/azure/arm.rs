//! One request to Azure Resource Manager.
//!
//! Reads are retried a few times, honouring `Retry-After`; writes are not, because a write whose answer
//! was lost may have been carried out: whoever asked must read back first.

use super::cloud::Cloud;
use super::error::Error;
use super::refused::Refused;
use super::timely::{self, TooLate};
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
/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

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
        }
    }

    /// The same way, on which secret values are told apart by these marks.
    #[must_use]
    pub fn marking(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }

    /// By which secret values are told apart.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
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

    /// The client, for what is not ARM.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
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
        let mut url =
            self.cloud.arm.join(path).map_err(|error| Error::Garbled(error.to_string()))?;
        url.query_pairs_mut().append_pair("api-version", api_version).extend_pairs(query);
        Ok(url)
    }

    /// Reads.
    ///
    /// # Errors
    /// [`Error`], after a few tries where that may help.
    pub async fn get(&self, url: Url) -> Result<Reply, Error> {
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
    /// As [`Arm::get`]; [`Error::Garbled`] when a page is no list or points to another host.
    pub async fn list(&self, url: Url) -> Result<Vec<Value>, Error> {
        const PAGES_MAX: usize = 100;
        let mut next = Some(url);
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(url) = next else { break };
            let mut body = self.get(url).await?.body;
            let Some(Value::Array(items)) = body.get_mut("value").map(Value::take) else {
                return Err(Error::Garbled("a list without “value”".to_owned()));
            };
            all.extend(items);
            next = body.get("nextLink").and_then(Value::as_str).map(|l| self.own(l)).transpose()?;
        }
        Ok(all)
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
        let token = self.cloud.credential.get_token(&[scope], None).await.map_err(|error| {
            tracing::warn!(scope, error = ?error, "no token for Azure");
            Error::Unavailable("the console's identity got no token. See the log".to_owned())
        })?;
        Ok(token.token.secret().to_owned())
    }

    /// Whether a URL leads to this Azure.
    #[must_use]
    pub fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.cloud.arm.origin()
    }

    /// Takes a URL that Azure gave only when it leads back to the same host: a token goes with it.
    fn own(&self, link: &str) -> Result<Url, Error> {
        let url = Url::parse(link).map_err(|error| Error::Garbled(error.to_string()))?;
        if self.is_own(&url) {
            Ok(url)
        } else {
            Err(Error::Garbled(format!(
                "a link to another host ({})",
                url.host_str().unwrap_or("?")
            )))
        }
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
        // A link that cannot be followed is none: the resource itself tells how things stand.
        let operation = header("azure-asyncoperation").and_then(|link| self.own(&link).ok());
        let bytes = body(answer).await?;
        let parsed = serde_json::from_slice::<Value>(&bytes);
        if !status.is_success() {
            return Err(refusal(status, retry_after, parsed.ok().as_ref()));
        }
        let body = match parsed {
            Ok(body) => body,
            Err(_) if bytes.is_empty() => Value::Null,
            Err(error) => return Err(Error::Garbled(error.to_string())),
        };
        Ok(Reply { status, operation, retry_after, body })
    }
}

async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Error::Garbled("an answer over 16 MiB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
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

fn refusal(status: StatusCode, retry_after: Option<Duration>, body: Option<&Value>) -> Error {
    let refused = body.map(Refused::read).unwrap_or_default();
    let (message, code) = (refused.sentence(), refused.code);
    let http = format!("HTTP {}", status.as_u16());
    let message = match (message.as_str(), code.as_str()) {
        ("", "") => format!("{http}, without a reason"),
        ("", code) => format!("{http}, {code}, without a reason"),
        _ => message,
    };
    match status.as_u16() {
        401 | 403 => Error::Denied(message),
        404 => Error::NotFound(message),
        409 => Error::Conflict(message),
        429 => Error::Throttled { retry_after },
        408 | 500.. => Error::Unavailable(message),
        _ if code.is_empty() => Error::Rejected { code: http, message },
        _ => Error::Rejected { code, message },
    }
}
