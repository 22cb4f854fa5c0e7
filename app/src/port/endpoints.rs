//! Views of an endpoint and of a deployment.

use crate::domain::endpoint::{Deployment, Endpoint};
use crate::domain::glass::Broken;
use crate::domain::guard::facts::Gate;
use crate::domain::operation::Operation;
use crate::domain::plan::Plan;
use crate::domain::plan::way::Outline;
use crate::domain::stage::{Freshness, Stage};
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One endpoint's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// Its stage.
    pub stage: Stage,
    /// How current this is.
    pub freshness: Freshness,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The console's operations on it, newest first, at most 20.
    pub operations: Vec<Operation>,
    /// Changes of it that wait for somebody, or for their time.
    pub waiting: usize,
    /// Whether its stage takes changes now; `None` when it has no freeze and no hours.
    pub gate: Option<Gate>,
    /// How its stage has live traffic move to a deployment that gets more of it; in one step when this is
    /// `None`.
    pub promotion: Option<Outline>,
    /// Why this person may not change it, or propose to where that needs an approval; `None` when they may.
    pub may_not_change: Option<String>,
    /// Why this person may not send test requests; `None` when they may.
    pub may_not_test: Option<String>,
    /// Whether this person is offered to break glass: they may, and the stage's policy forbids something.
    pub may_break_glass: bool,
    /// Glass that was broken here and that nobody else has acknowledged, newest first.
    pub broken: Vec<Broken>,
}

/// One deployment's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentView {
    /// Its endpoint's page.
    pub on: EndpointView,
    /// The deployment.
    pub deployment: Deployment,
    /// What deleting it would do.
    pub deletion: Plan,
}
