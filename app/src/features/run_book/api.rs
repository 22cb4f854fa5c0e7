//! Server functions for the run book.

use crate::error::ConsoleError;
use crate::port::RunBookView;
use crate::wire::Json;
use domain::run_book::ShadowDraft;
use leptos::prelude::*;

/// The progress of a shadow's run book, and what the workflow's next run would do.
#[server(endpoint = "read-run-book", input = Json, output = Json)]
pub async fn read_run_book(draft: ShadowDraft) -> Result<RunBookView, ConsoleError> {
    crate::port::console()?.run_book(&draft).await
}
