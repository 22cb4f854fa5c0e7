//! Files that need no token, because their URL is signed.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use crate::file_body;
use crate::inner::Shared;
use crate::protocol::call::{query, set};

/// In the words of Azure Storage.
fn refused(status: StatusCode, code: &'static str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>The request was refused: \
         {code}.</Message></Error>"
    );
    (status, [("x-ms-error-code", code), ("content-type", "application/xml")], body).into_response()
}

/// `/load-artifacts/{path}?se=…&sig=…`
pub async fn handle(
    State(inner): State<Shared>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let query = query(request.uri().query().unwrap_or_default());
    let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let now = inner.clock.now().unix_timestamp();
    let live = &inner.load_tests;
    if !live.signer.is_valid(&path, given("se"), given("sig"), now) {
        return refused(StatusCode::FORBIDDEN, "AuthenticationFailed");
    }
    let Some(file) = live.signed(&path) else {
        return refused(StatusCode::NOT_FOUND, "BlobNotFound");
    };
    let length = tokio::fs::metadata(&file).await.map(|about| about.len());
    let body = match length {
        Ok(length) => file_body::read(&file, 0, length).await.map(|body| (length, body)),
        Err(error) => Err(error),
    };
    match body {
        Ok((length, body)) => {
            let mut headers = HeaderMap::new();
            set(&mut headers, "content-type", "application/octet-stream");
            set(&mut headers, "content-length", &length.to_string());
            set(&mut headers, "x-ms-blob-type", "BlockBlob");
            (headers, body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a file of a load test cannot be read");
            refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
        }
    }
}
