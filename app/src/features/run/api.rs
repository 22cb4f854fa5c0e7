//! Server functions for runs.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::run::RunId;
use domain::run::view::RunView;
use leptos::prelude::*;

/// One run.
#[server(endpoint = "read-run", input = Json, output = Json)]
pub async fn read_run(id: RunId) -> Result<RunView, ConsoleError> {
    crate::port::console()?.run(&id).await
}
