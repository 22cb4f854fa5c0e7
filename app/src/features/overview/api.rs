//! Server functions for the overview.

use crate::error::ConsoleError;
use crate::port::Overview;
use crate::wire::Json;
use domain::find::Find;
use leptos::prelude::*;

/// The stages with the endpoints that match the search.
#[server(endpoint = "read-overview", input = Json, output = Json)]
pub async fn read_overview(find: Find) -> Result<Overview, ConsoleError> {
    crate::port::console()?.overview(&find).await
}
