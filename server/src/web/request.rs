//! Every request has an id of its own: in its log lines, in its answer, and in the ledger's entries.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// The header of the answer that carries it.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id. Ours: what a client sends is not taken, because it would stand in the ledger.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Gives the request its id.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}
