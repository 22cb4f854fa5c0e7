//! Runs: reading them, and deciding about them.

use super::Result;
use async_trait::async_trait;
use domain::route::Route;
use domain::run::Decision;
use domain::run::RunId;
use domain::run::operation::Operation;
use domain::run::view::RunView;

/// Runs: reading them, and deciding about them.
#[async_trait]
pub trait RunsApi: Send + Sync {
    /// One run.
    async fn run(&self, id: &RunId) -> Result<RunView>;
    /// Decides on a run. To roll back, use [`Console::roll_back`].
    async fn decide(&self, id: &RunId, decision: Decision) -> Result<Operation>;
    /// Restores the route from before a run, without approvals, if Azure still has the route `saw`. Returns the new
    /// run.
    async fn roll_back(&self, id: &RunId, saw: &Route) -> Result<Operation>;
}
