//! What a supervisor or a load balancer asks: whether the process lives, and whether it can do its work.
//! Both answer anybody, in few words, and cost the same however often they are asked.

use super::Edge;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

/// The two questions; readiness under both of its usual names.
pub fn routes() -> Router<Edge> {
    Router::new()
        .route("/healthz", get(async || answer(StatusCode::OK, "ok\n".to_owned())))
        .route("/healthz/ready", get(ready))
        .route("/readyz", get(ready))
}

/// Whether the store takes writes.
async fn ready(State(edge): State<Edge>) -> impl IntoResponse {
    match edge.readiness.ask().await {
        Ok(()) => answer(StatusCode::OK, "ready\n".to_owned()),
        Err(why) => answer(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")),
    }
}

fn answer(status: StatusCode, text: String) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], text)
}
