//! Bad days: by a part of an id or of a file's name, and by a switch for everything.

use axum::Router;
use axum::extract::{Json, State};
use axum::routing::get;
use http::StatusCode;

use crate::inner::{Inner, Shared};
use crate::loads::kept::Run;
use crate::loads::live::Switch;

/// The route `/emulator/load-testing`.
pub fn routes() -> Router<Shared> {
    Router::new().route("/emulator/load-testing", get(read).put(set).delete(clear))
}

async fn read(State(inner): State<Shared>) -> Json<Switch> {
    Json(*inner.load_tests.switch.lock())
}

async fn set(State(inner): State<Shared>, Json(switch): Json<Switch>) -> StatusCode {
    *inner.load_tests.switch.lock() = switch;
    StatusCode::NO_CONTENT
}

async fn clear(State(inner): State<Shared>) -> StatusCode {
    *inner.load_tests.switch.lock() = Switch::default();
    StatusCode::NO_CONTENT
}

fn is_named(run: &Run, word: &str) -> bool {
    run.id.contains(word) || run.test.contains(word)
}

/// The run stays in PROVISIONING until it is stopped.
pub fn is_stuck(inner: &Inner, run: &Run) -> bool {
    inner.load_tests.switch.lock().stuck || is_named(run, "stuck-provisioning")
}

/// Azure has no engines for the run.
pub fn has_no_engines(run: &Run) -> bool {
    is_named(run, "fail-provisioning")
}

/// The run ends, and its results and statistics never come.
pub fn loses_results(inner: &Inner, run: &Run) -> bool {
    inner.load_tests.switch.lock().lose_results || is_named(run, "lost-results")
}

/// The plan is not valid, whatever it says.
pub fn is_invalid(inner: &Inner, file: &str) -> bool {
    inner.load_tests.switch.lock().fail_validation || file.contains("fail-validation")
}
