//! Views of an endpoint and of a deployment.

use super::Overview;
use super::Result;
use async_trait::async_trait;
use domain::document::Export;
use domain::endpoint::{Deployment, Endpoint};
use domain::find::Find;
use domain::glass::Broken;
use domain::guard::inputs::Gate;
use domain::name::DeploymentName;
use domain::plan::Plan;
use domain::plan::rollout_path::Outline;
use domain::run::operation::Operation;
use domain::scoring::Answer;
use domain::scoring::TestTarget;
use domain::stage::EndpointKey;
use domain::stage::{Freshness, Stage};
use domain::timestamp::Timestamp;
use domain::traffic::Traffic;
use serde::{Deserialize, Serialize};

/// One endpoint's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    pub now: Timestamp,
    pub stage: Stage,
    pub freshness: Freshness,
    pub endpoint: Endpoint,
    /// The console's operations on the endpoint, newest first, at most 20.
    pub operations: Vec<Operation>,
    /// The number of pending changes to the endpoint.
    pub waiting: usize,
    pub gate: Option<Gate>,
    /// The stage's promotion steps; `None` means that live traffic moves in one step.
    pub promotion: Option<Outline>,
    pub may_not_change: Option<String>,
    pub may_not_test: Option<String>,
    /// Whether to offer breaking glass: this person may, and the stage's policy forbids something.
    pub may_break_glass: bool,
    /// Unacknowledged broken glass on the endpoint, newest first.
    pub broken: Vec<Broken>,
}

/// One deployment's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    pub on: EndpointView,
    pub deployment: Deployment,
    pub deletion: Plan,
}

/// Endpoints: reading, exporting and testing them.
#[async_trait]
pub trait EndpointsApi: Send + Sync {
    /// The stages with the endpoints that match the search.
    async fn overview(&self, find: &Find) -> Result<Overview>;
    /// One endpoint.
    async fn endpoint(&self, at: &EndpointKey) -> Result<EndpointView>;
    /// Measured traffic of an endpoint's deployments.
    async fn traffic(&self, at: &EndpointKey) -> Result<Traffic>;
    /// The documents that would recreate an endpoint or one of its deployments.
    async fn export(&self, at: &EndpointKey, name: Option<&DeploymentName>) -> Result<Export>;
    /// Sends a test request.
    async fn test(&self, at: &EndpointKey, target: &TestTarget, body: &str) -> Result<Answer>;
}
