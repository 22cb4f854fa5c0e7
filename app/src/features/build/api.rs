//! Server functions for builds.

use crate::error::ConsoleError;
use crate::port::{BuildPlan, BuildRequest};
use crate::wire::Json;
use leptos::prelude::*;

/// What a build would do.
#[server(endpoint = "plan-build", input = Json, output = Json)]
pub async fn plan_build(request: BuildRequest) -> Result<BuildPlan, ConsoleError> {
    crate::port::console()?.plan_build(&request).await
}
