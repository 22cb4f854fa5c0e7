//! Words for refusals that come from below our own handlers: from the framework, or from the session layer
//! when the store fails. Nobody should meet an empty page, or a library's own text.

use super::Edge;
use super::pages;
use super::request::RequestId;
use super::router::BODY_BYTES_MAX;
use app::error::ConsoleError;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What to say of a body over the limit.
pub const TOO_LARGE: &str = "What was sent is larger than 512 KiB, the most that the console reads. A \
                             deployment's YAML may have 64 KiB, the body of a test request 256 KiB. Shorten \
                             it and send it again; nothing was changed.";
/// Longest text of a library that is passed on, in bytes.
const SAID_BYTES_MAX: usize = 2_000;

const _: () = assert!(BODY_BYTES_MAX == 512 * 1024, "the sentence above says so");

/// Gives a refusal without words the same page that other errors have.
pub async fn worded(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let accepts = accepts_page(request.headers());
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let response = next.run(request).await;
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    if !accepts || !is_refusal || has_words(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, SAID_BYTES_MAX).await.unwrap_or_default();
    let message = words(parts.status, &String::from_utf8_lossy(&said), id);
    let page = pages::refusal(edge, parts.status, message).await;
    let (page, body) = page.into_parts();
    // They were about the other body.
    let of_body = [
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::ETAG,
        header::LAST_MODIFIED,
        header::ACCEPT_RANGES,
        header::CONTENT_RANGE,
    ];
    for name in of_body {
        parts.headers.remove(name);
    }
    parts.headers.extend(page.headers);
    Response::from_parts(parts, body)
}

/// A server function's body over the limit, as the error that its caller reads.
pub fn too_large() -> Response {
    let error = ConsoleError::Invalid { field: None, message: TOO_LARGE.to_owned() };
    (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(error)).into_response()
}

/// What is refused because one person has as many of it as one may have.
pub fn too_many(what: &str) -> Response {
    let text = format!(
        "You have as many {what} open as one person may have. Close a few of the console's pages, and try again; \
         nothing was changed."
    );
    let error = ConsoleError::TooMany(text);
    (StatusCode::TOO_MANY_REQUESTS, error.to_string()).into_response()
}

fn accepts_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn has_words(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| !kind.starts_with("text/plain"))
}

fn words(status: StatusCode, said: &str, reference: String) -> String {
    let said = said.trim().trim_end_matches('.');
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE.to_owned(),
        StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS if !said.is_empty() => format!("{said}."),
        StatusCode::NOT_FOUND => "There is nothing at this address. Start from the overview.".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => {
            "Nothing can be sent to this address like this; nothing was changed. Use the console's pages."
                .to_owned()
        }
        StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
            "This took too long and was given up. What was sent to Azure may have been done: look at the \
             endpoint's page before you send it again."
                .to_owned()
        }
        // Sessions are read first: that the store is away is mostly found there.
        StatusCode::SERVICE_UNAVAILABLE if !said.is_empty() => format!("{said}."),
        status if status.is_server_error() => ConsoleError::Internal { reference }.to_string(),
        _ if said.is_empty() => {
            "The console does not understand this request; nothing was changed. Use the console's pages."
                .to_owned()
        }
        _ => format!(
            "The console does not understand this request: {said}. Nothing was changed. Start from the \
             overview."
        ),
    }
}
