//! Server functions for jobs.

use crate::error::ConsoleError;
use crate::port::JobView;
use crate::wire::Json;
use domain::job::JobId;
use leptos::prelude::*;

/// One job.
#[server(endpoint = "read-job", input = Json, output = Json)]
pub async fn read_job(id: JobId) -> Result<JobView, ConsoleError> {
    crate::port::console()?.job(&id).await
}
