//! Server functions for plans in downloadable formats.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::document::{Document, Form};
use domain::intent::Intent;
use leptos::prelude::*;

/// A plan in a downloadable format.
#[server(endpoint = "read-plan-document", input = Json, output = Json)]
pub async fn read_plan_document(intent: Intent, form: Form) -> Result<Document, ConsoleError> {
    crate::port::console()?.plan_document(&intent, form).await
}
