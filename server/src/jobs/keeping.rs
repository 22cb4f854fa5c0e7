//! Removes the logs of jobs that ended longer ago than logs are kept.

use super::Jobs;
use domain::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;
/// Interval between two looks for old logs.
const PAUSE: Duration = Duration::from_secs(3_600);

/// Removes old logs in a loop. Never returns; abort the task.
pub async fn run(jobs: Arc<Jobs>) {
    loop {
        remove_old_logs(&jobs).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Removes old logs, unless the clock has jumped: a removed log cannot be restored.
pub async fn remove_old_logs(jobs: &Jobs) {
    if jobs.clock.has_jumped() {
        return;
    }
    let now = jobs.clock.now();
    let before = Timestamp(now.0.saturating_sub(i64::from(jobs.log_days) * DAY_MS));
    match jobs.table.remove_logs(before, now).await {
        Ok(0) => {}
        Ok(logs) => tracing::info!(logs, "removed the logs of old jobs"),
        Err(error) => tracing::error!(%error, "old logs could not be removed; retrying"),
    }
}
