//! Removes the logs of jobs that ended long ago. The job, its journal and its result stay, and so does what is known about
//! the log without its text: its size, and the line that says why the job failed.

use super::Jobs;
use crate::store::statement::execute;
use domain::timestamp::Timestamp;

/// Maximum number of chunks per transaction, so that a long log keeps nobody else from writing for long.
const CHUNKS_MAX: i64 = 200;

impl Jobs {
    /// Removes the logs of jobs that ended before a time. Returns their number.
    ///
    /// # Errors
    /// When the store fails. The next call continues.
    pub async fn remove_logs(&self, before: Timestamp, now: Timestamp) -> sqlx::Result<u64> {
        // First the mark: a page must not show a half of a log as the whole.
        let sql = "UPDATE job_logs SET removed = $1 WHERE removed IS NULL AND job IN (
                   SELECT id FROM jobs WHERE standing = 'finished' AND ended < $2)";
        let logs = execute!(self.0, sql, now.0, before.0)?;
        // Also what an interrupted call left.
        let sql = "DELETE FROM job_log_chunks WHERE (job, first) IN (
                   SELECT chunks.job, chunks.first FROM job_logs AS logs
                   JOIN job_log_chunks AS chunks ON chunks.job = logs.job
                   WHERE logs.removed IS NOT NULL LIMIT $1)";
        while execute!(self.0, sql, CHUNKS_MAX)? > 0 {}
        Ok(logs)
    }
}
