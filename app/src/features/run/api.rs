//! The run page's data.

use crate::domain::run::RunId;
use crate::domain::run::view::RunView;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// One run.
#[server(endpoint = "read-run", input = Json, output = Json)]
pub async fn read_run(id: RunId) -> Result<RunView, ConsoleError> {
    crate::port::console()?.run(&id).await
}
