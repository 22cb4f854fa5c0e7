//! Forwards a request to an instance of a deployment, and to another one if the first never began to answer.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use http_body_util::Full;

use crate::answer::{DEPLOYMENT, REQUEST_ID};
use crate::connection::{ExchangeFailure, Lane};
use crate::deployment::{Chosen, Deployment};

/// Headers that are about the client's connection, or are none of the model's business.
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

/// What became of a call.
pub(crate) enum Forwarded {
    /// The model answered, well or not.
    Answered(Parts, Bytes),
    /// It took too long.
    TimedOut,
    /// The instance went away.
    Lost,
    /// There is no instance to ask.
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

    /// Whether the model is asked to score, and not to describe itself.
    pub(crate) fn is_scoring(&self) -> bool {
        self.method == Method::POST
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::from_static(self.path);
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// Asks the deployment's instances, for no longer than its request timeout.
pub(crate) async fn forward(deployment: &Deployment, lane: Lane, call: &Call) -> Forwarded {
    let asked = ask(deployment, lane, call);
    match tokio::time::timeout(deployment.request_timeout, asked).await {
        Ok(forwarded) => forwarded,
        // What was under way is dropped with its connection, so that a late answer cannot reach the next request.
        Err(_) => Forwarded::TimedOut,
    }
}

async fn ask(deployment: &Deployment, lane: Lane, call: &Call) -> Forwarded {
    let Some(first) = deployment.choose(None) else { return Forwarded::NoneReady };
    match exchange(&first, lane, call, false).await {
        Ok(forwarded) => return forwarded,
        Err(ExchangeFailure::Incomplete) => return Forwarded::Lost,
        Err(ExchangeFailure::Unanswered) => {}
    }
    // Scoring changes nothing, so asking once more is safe.
    let Some(second) = deployment.choose(Some(&first)) else { return Forwarded::Lost };
    drop(first);
    exchange(&second, lane, call, true).await.unwrap_or(Forwarded::Lost)
}

async fn exchange(
    chosen: &Chosen,
    lane: Lane,
    call: &Call,
    is_retry: bool,
) -> Result<Forwarded, ExchangeFailure> {
    let (parts, body) = chosen.backend.exchange(lane, call.request(), is_retry).await?;
    Ok(Forwarded::Answered(parts, body))
}
