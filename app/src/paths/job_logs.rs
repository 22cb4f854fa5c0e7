//! The URLs of the logs of jobs that only scripts use.

use super::events_job;
use domain::job::JobId;

/// Server-sent events with the lines of a job's log after a line. Line numbers count from 1.
#[must_use]
pub fn events_job_log(id: &JobId, after: u64) -> String {
    format!("{}/log?after={after}", events_job(id))
}
