//! The emulator's own endpoints for its GitHub: commits, tokens, the app's key, and an older server's behaviour.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Json, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::github::{Commit, Refusal, Wanted};
use crate::inner::Shared;

/// The largest commit, as the API's largest file is.
const COMMIT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The routes below `/emulator/github/`.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/emulator/github/rename", post(rename))
        .route("/emulator/github/commit", post(commit))
        .route("/emulator/github/tokens", post(issue).delete(revoke))
        .route("/emulator/github/app", get(app))
        .route("/emulator/github/settings", put(settings))
        .layer(DefaultBodyLimit::max(COMMIT_BYTES_MAX))
}

fn answered(outcome: Result<Response, Refusal>) -> Response {
    outcome.unwrap_or_else(|refusal| (refusal.status, refusal.message).into_response())
}

/// A repository's new name.
#[derive(Debug, Deserialize)]
struct Rename {
    to: String,
}

/// Renames the repository, as its owner would.
async fn rename(State(inner): State<Shared>, Json(Rename { to }): Json<Rename>) -> Response {
    answered(inner.github.rename(&to).map(|()| StatusCode::NO_CONTENT.into_response()))
}

/// Commits files, as a push would.
async fn commit(State(inner): State<Shared>, Json(commit): Json<Commit>) -> Response {
    let now = inner.clock.now().unix_timestamp();
    let made = inner.github.commit(commit, now);
    answered(made.map(|sha| (StatusCode::CREATED, Json(json!({ "sha": sha }))).into_response()))
}

/// Gives out a fine-grained token with the given permissions.
async fn issue(State(inner): State<Shared>, Json(wanted): Json<Wanted>) -> Response {
    let made = inner.github.issue(wanted);
    answered(
        made.map(|token| (StatusCode::CREATED, Json(json!({ "token": token }))).into_response()),
    )
}

/// Revokes every token except the first one.
async fn revoke(State(inner): State<Shared>) -> Response {
    answered(inner.github.revoke().map(|()| StatusCode::NO_CONTENT.into_response()))
}

/// The app's ids and its private key.
async fn app(State(inner): State<Shared>) -> Response {
    match inner.github.app().await {
        Ok(facts) => Json(facts).into_response(),
        Err(error) => {
            tracing::error!(%error, "the app has no key");
            (StatusCode::INTERNAL_SERVER_ERROR, "The app has no key.").into_response()
        }
    }
}

/// How GitHub behaves.
#[derive(Debug, Deserialize)]
struct Settings {
    /// Whether a dispatch can return its run; older servers always answer 204.
    return_run_details: bool,
}

async fn settings(State(inner): State<Shared>, Json(settings): Json<Settings>) -> StatusCode {
    inner.github.set_run_details(settings.return_run_details);
    StatusCode::NO_CONTENT
}
