//! Request IDs. They appear in log lines, in response headers and in ledger entries.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A request's ID. The console never uses one from the client, because it goes into the ledger.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Assigns the request its ID.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}
