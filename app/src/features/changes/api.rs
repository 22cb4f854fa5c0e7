//! Server functions for changes.

use crate::error::ConsoleError;
use crate::port::{ChangeView, ChangesView};
use crate::wire::Json;
use domain::change::ChangeId;
use leptos::prelude::*;

/// All pending, running and recently closed changes.
#[server(endpoint = "read-changes", input = Json, output = Json)]
pub async fn read_changes() -> Result<ChangesView, ConsoleError> {
    crate::port::console()?.changes().await
}

/// How many changes this person can approve now.
#[server(endpoint = "read-changes-for-me", input = Json, output = Json)]
pub async fn read_changes_for_me() -> Result<usize, ConsoleError> {
    crate::port::console()?.changes_for_me().await
}

/// One change.
#[server(endpoint = "read-change", input = Json, output = Json)]
pub async fn read_change(id: ChangeId) -> Result<ChangeView, ConsoleError> {
    crate::port::console()?.change(&id).await
}
