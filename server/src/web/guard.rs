//! Requests that change something must come from our own pages: the browser says where they come from.

use super::Edge;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

/// Refuses state changes that another site started. A browser always sends `Sec-Fetch-Site` or `Origin`
/// with a POST; a request with neither is refused too.
pub async fn same_origin(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_from_here(request.headers(), &edge.public_url) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "a cross-site request was refused");
    let text = "Refused: this request did not come from a page of this console. Nothing was changed. \
                Open the page in the console and try again.";
    (StatusCode::FORBIDDEN, text).into_response()
}

fn is_from_here(headers: &HeaderMap, public_url: &Url) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = public_url.origin().ascii_serialization();
    let host = header("host");
    // On loopback the console may also be reached under another name of this machine.
    let is_own = |origin: &str| {
        let same_host = || host.is_some_and(|host| origin.strip_prefix("http://") == Some(host));
        origin == own || public_url.scheme() == "http" && same_host()
    };
    match (header("sec-fetch-site"), header("origin")) {
        (Some("same-origin"), None) => true,
        (Some("same-origin") | None, Some(origin)) => is_own(origin),
        _ => false,
    }
}
