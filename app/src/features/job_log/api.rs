//! Server functions for the logs of jobs.

use crate::error::ConsoleError;
use crate::port::{LogMatches, LogPage, LogSection};
use crate::wire::Json;
use domain::job::JobId;
use leptos::prelude::*;

/// At most `count` lines of a job's log, from line `first`. Line numbers count from 1.
#[server(endpoint = "read-job-log", input = Json, output = Json)]
pub async fn read_job_log(id: JobId, first: u64, count: u32) -> Result<LogPage, ConsoleError> {
    crate::port::console()?.job_log(&id, first, count).await
}

/// The sections of a job's log.
#[server(endpoint = "read-job-sections", input = Json, output = Json)]
pub async fn read_job_sections(id: JobId) -> Result<Vec<LogSection>, ConsoleError> {
    Ok(crate::port::console()?.job(&id).await?.sections)
}

/// The lines of a job's log that contain a text, without regard to case.
#[server(endpoint = "search-job-log", input = Json, output = Json)]
pub async fn search_job_log(id: JobId, text: String) -> Result<LogMatches, ConsoleError> {
    crate::port::console()?.search_log(&id, &text).await
}
