//! The overview's data.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::find::Find;
use crate::error::ConsoleError;
use crate::port::Overview;
use crate::wire::Json;
use leptos::prelude::*;

/// Stages and the endpoints that are looked for.
#[server(endpoint = "read-overview", input = Json, output = Json)]
pub async fn read_overview(find: Find) -> Result<Overview, ConsoleError> {
    crate::port::console()?.overview(&find).await
}
