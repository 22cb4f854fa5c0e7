//! The overview's data.

use crate::error::ConsoleError;
use crate::port::Overview;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Stages and endpoints.
#[server(endpoint = "read-overview", input = Json)]
pub async fn read_overview() -> Result<Overview, ConsoleError> {
    crate::port::console()?.overview().await
}
