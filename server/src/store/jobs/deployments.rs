//! What became of the releases that builds are for.

use super::Jobs;
use crate::store::statement::{execute, from_json, json, optional_scalar};
use domain::job::{JobId, Output};

impl Jobs {
    /// What became of the deployment after a build; `None` if it was not begun. The inner error says why it failed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deployed(&self, id: &JobId) -> sqlx::Result<Option<Result<Output, String>>> {
        let sql = "SELECT outcome FROM job_deployments WHERE job = $1";
        let outcome: Option<String> = optional_scalar!(self.0, sql, &id.0)?;
        outcome.as_deref().map(from_json).transpose()
    }

    /// Stores what became of the deployment after a build. The first outcome stays.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_deployed(
        &self,
        id: &JobId,
        outcome: &Result<Output, String>,
    ) -> sqlx::Result<()> {
        let sql = "INSERT INTO job_deployments (job, outcome) VALUES ($1, $2)
                   ON CONFLICT (job) DO NOTHING";
        execute!(self.0, sql, &id.0, json(outcome)).map(|_| ())
    }
}
