//! Error pages for refusals that do not come from the console's own handlers but from the framework or, when the
//! store fails, from the session layer. Their responses are empty or contain a library's text.

use super::Edge;
use super::pages;
use super::request::RequestId;
use super::router::BODY_BYTES_MAX;
use app::error::ConsoleError;
use axum::Extension;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// The error for a request body over [`BODY_BYTES_MAX`].
pub const TOO_LARGE: &str = "The request is larger than 512 KiB, the console's limit. Nothing was changed. A \
                             deployment's YAML may have up to 64 KiB, the body of a test request up to 256 KiB. \
                             Shorten it and send it again.";
/// Longest library text that an error page quotes, in bytes.
const SAID_BYTES_MAX: usize = 2_000;

const _: () = assert!(BODY_BYTES_MAX == 512 * 1024, "the sentence above says so");

/// Marks a refusal whose body is the console's own message, which the error page shows as it is, under this title.
#[derive(Debug, Clone, Copy)]
struct OwnTitle(&'static str);

/// A refusal as plain text. [`worded`] makes an error page of it for clients that accept HTML.
pub(super) fn refused(error: &ConsoleError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Extension(OwnTitle(error.title())), error.to_string()).into_response()
}

/// Replaces a bare refusal with an error page, if the client accepts HTML.
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
    let said = String::from_utf8_lossy(&said);
    let (title, message) = match parts.extensions.get::<OwnTitle>() {
        Some(OwnTitle(title)) if !said.is_empty() => (*title, said.into_owned()),
        _ => ("Request failed", words(parts.status, &said, id)),
    };
    let page = pages::refusal(edge, parts.status, title, message).await;
    let (page, body) = page.into_parts();
    // These headers describe the replaced body.
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

/// The response to a server function's body over the limit.
pub fn too_large() -> Response {
    let error = ConsoleError::Invalid { field: None, message: TOO_LARGE.to_owned() };
    (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(error)).into_response()
}

/// The response to a person who has reached a concurrency limit.
pub fn too_many(what: &str) -> Response {
    let text = format!(
        "You have reached the limit of open {what} per person. Nothing was changed. Close some of the console's \
         pages and try again."
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
        StatusCode::NOT_FOUND => "This page does not exist. Start from the overview.".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not accept the request's method. Nothing was changed. Use the console's pages."
                .to_owned()
        }
        StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
            "The request timed out. Azure may still have carried it out: check the endpoint's page before you \
             send it again."
                .to_owned()
        }
        // The session layer reads the store first and has already explained the failure.
        StatusCode::SERVICE_UNAVAILABLE if !said.is_empty() => format!("{said}."),
        status if status.is_server_error() => ConsoleError::Internal { reference }.to_string(),
        _ if said.is_empty() => {
            "The request is invalid. Nothing was changed. Use the console's pages."
                .to_owned()
        }
        _ => format!(
            "The request is invalid: {said}. Nothing was changed. Start from the overview."
        ),
    }
}
