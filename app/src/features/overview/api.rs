//! The overview's data.

use crate::error::ConsoleError;
use crate::port::Overview;
use crate::wire::Json;
use leptos::prelude::*;

/// Stages and endpoints.
#[server(endpoint = "read-overview", input = Json, output = Json)]
pub async fn read_overview() -> Result<Overview, ConsoleError> {
    crate::port::console()?.overview().await
}
