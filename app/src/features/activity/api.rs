//! Server functions for the list of activity.

use crate::error::ConsoleError;
use crate::port::{ActivityKind, ActivityView};
use crate::wire::Json;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// Runs and jobs, newest first; `before`: only those that started earlier.
#[server(endpoint = "read-activity", input = Json, output = Json)]
pub async fn read_activity(
    kind: ActivityKind,
    before: Option<Timestamp>,
) -> Result<ActivityView, ConsoleError> {
    crate::port::console()?.activity(kind, before).await
}
