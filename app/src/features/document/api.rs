//! Plans in forms to take away.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::document::{Document, Form};
use crate::domain::plan::asked::PlanOf;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// A plan in a form to take away.
#[server(endpoint = "read-plan-document", input = Json, output = Json)]
pub async fn read_plan_document(of: PlanOf, form: Form) -> Result<Document, ConsoleError> {
    crate::port::console()?.plan_document(&of, form).await
}
