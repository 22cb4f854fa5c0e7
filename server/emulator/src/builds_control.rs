//! The emulator's own endpoints for builds.

use axum::Router;
use axum::extract::{Json, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::StatusCode;

use crate::builds::chatter::Chatter;
use crate::inner::Shared;

/// The routes below `/emulator/builds/`.
pub fn routes() -> Router<Shared> {
    Router::new().route("/emulator/builds/chatter", post(order))
}

/// Makes the next build write much.
async fn order(State(inner): State<Shared>, Json(chatter): Json<Chatter>) -> Response {
    if let Some(problem) = chatter.problem() {
        return (StatusCode::BAD_REQUEST, problem).into_response();
    }
    inner.running.order_chatter(chatter);
    StatusCode::NO_CONTENT.into_response()
}
