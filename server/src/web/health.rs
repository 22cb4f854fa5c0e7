//! Liveness and readiness probes. They need no session, and their cost does not grow with the number of calls.

use super::Edge;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// The probes; readiness has both of its usual paths.
pub fn routes() -> Router<Edge> {
    Router::new()
        .route("/healthz", get(async || answer(StatusCode::OK, "ok\n".to_owned())))
        .route("/healthz/ready", get(ready))
        .route("/readyz", get(ready))
}

/// 200 if the store accepts writes, or else 503.
async fn ready(State(edge): State<Edge>) -> impl IntoResponse {
    match edge.readiness.ask().await {
        Ok(()) => answer(StatusCode::OK, "ready\n".to_owned()),
        Err(why) => answer(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

fn answer(status: StatusCode, text: String) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], text)
}
