//! The run book's data.

use crate::domain::run_book::Draft;
use crate::error::ConsoleError;
use crate::port::RunBookView;
use crate::wire::Json;
use leptos::prelude::*;

/// How far a shadow's run book is, and what its next run would do.
#[server(endpoint = "read-run-book", input = Json, output = Json)]
pub async fn read_run_book(draft: Draft) -> Result<RunBookView, ConsoleError> {
    crate::port::console()?.run_book(&draft).await
}
