//! Server functions for routes.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::intent::Intent;
use domain::plan::Plan;
use leptos::prelude::*;

/// Plans an intent.
#[server(endpoint = "plan-intent", input = Json, output = Json)]
pub async fn plan_intent(intent: Intent) -> Result<Plan, ConsoleError> {
    crate::port::console()?.plan(&intent).await
}
