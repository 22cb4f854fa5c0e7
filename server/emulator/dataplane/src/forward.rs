//! Forwards a request to an instance of a deployment, and to another one if the first sent no answer.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;

use crate::connection::{ExchangeFailure, Lane};
use crate::deployment::{Chosen, Deployment};
use crate::headers::{DEPLOYMENT, REQUEST_ID};

/// Headers that concern the client's connection, or that the model must not see.
const NOT_FORWARDED: [HeaderName; 10] = [
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    DEPLOYMENT,
];

/// A request as the model sees it. Clones share the body.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    path: &'static str,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The outcome of a call.
pub(crate) enum Forwarded {
    /// The model answered, with any status.
    Answered(Parts, Bytes),
    TimedOut,
    /// The instance disappeared.
    Lost,
    /// No instance is ready.
    NoneReady,
}

impl Call {
    pub(crate) fn new(
        method: Method,
        path: &'static str,
        mut headers: HeaderMap,
        request_id: &HeaderValue,
        body: Bytes,
    ) -> Call {
        for name in NOT_FORWARDED {
            headers.remove(name);
        }
        headers.insert(HOST, HeaderValue::from_static("instance"));
        headers.insert(REQUEST_ID, request_id.clone());
        Call { method, path, headers, body }
    }

    /// Whether the request is for scoring, and not for the model's description.
    pub(crate) fn is_scoring(&self) -> bool {
        self.method == Method::POST
    }

    fn request(&self, scoring: &Uri) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = match self.is_scoring() {
            true => scoring.clone(),
            false => Uri::from_static(self.path),
        };
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// Calls the deployment's instances, within its request timeout.
pub(crate) async fn forward(deployment: &Deployment, lane: Lane, call: &Call) -> Forwarded {
    let asked = ask(deployment, lane, call);
    match tokio::time::timeout(deployment.request_timeout, asked).await {
        Ok(forwarded) => forwarded,
        // A timeout drops the connection, so a late answer cannot reach the next request.
        Err(_) => Forwarded::TimedOut,
    }
}

async fn ask(deployment: &Deployment, lane: Lane, call: &Call) -> Forwarded {
    let Some(first) = deployment.choose(None) else { return Forwarded::NoneReady };
    match exchange(deployment, &first, lane, call, false).await {
        Ok(forwarded) => return forwarded,
        Err(ExchangeFailure::Incomplete) => return Forwarded::Lost,
        Err(ExchangeFailure::Unanswered) => {}
    }
    // Scoring has no side effects, so a retry is safe.
    let Some(second) = deployment.choose(Some(&first)) else { return Forwarded::Lost };
    drop(first);
    exchange(deployment, &second, lane, call, true).await.unwrap_or(Forwarded::Lost)
}

async fn exchange(
    deployment: &Deployment,
    chosen: &Chosen,
    lane: Lane,
    call: &Call,
    is_retry: bool,
) -> Result<Forwarded, ExchangeFailure> {
    let (parts, body) =
        chosen.backend.exchange(lane, call.request(&deployment.scoring), is_retry).await?;
    Ok(Forwarded::Answered(parts, body))
}
