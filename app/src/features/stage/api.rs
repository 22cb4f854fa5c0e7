//! A stage's data.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::name::StageName;
use crate::error::ConsoleError;
use crate::port::StageRules;
use crate::wire::Json;
use leptos::prelude::*;

/// What a stage asks before something is done to it.
#[server(endpoint = "read-stage", input = Json, output = Json)]
pub async fn read_stage(name: StageName) -> Result<StageRules, ConsoleError> {
    crate::port::console()?.stage(&name).await
}
