//! The emulator's own endpoint for vaults: one that refuses.

use axum::Router;
use axum::extract::{Json, Path, State};
use axum::routing::put;
use http::StatusCode;
use serde::Deserialize;

use crate::inner::Shared;
use crate::vaults::refusal::Refusal;

/// The routes below `/emulator/vaults/`.
pub fn routes() -> Router<Shared> {
    Router::new().route("/emulator/vaults/{vault}", put(set))
}

#[derive(Deserialize)]
struct Switch {
    /// `rbac`, `policy`, `firewall`, or null.
    refuse: Option<Refusal>,
}

async fn set(
    State(inner): State<Shared>,
    Path(vault): Path<String>,
    Json(Switch { refuse }): Json<Switch>,
) -> StatusCode {
    if !inner.store.read(|state| state.vaults.contains_key(&vault.to_lowercase())) {
        return StatusCode::NOT_FOUND;
    }
    inner.vaults.refusals.set(&vault, refuse);
    StatusCode::NO_CONTENT
}
