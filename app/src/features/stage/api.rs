//! Server functions for stages.

use crate::error::ConsoleError;
use crate::port::StageRules;
use crate::wire::Json;
use domain::name::StageName;
use leptos::prelude::*;

/// A stage's rules, gate, open changes and webhooks.
#[server(endpoint = "read-stage", input = Json, output = Json)]
pub async fn read_stage(name: StageName) -> Result<StageRules, ConsoleError> {
    crate::port::console()?.stage(&name).await
}
