//! Steps in words. What each of them sends is the server's.

use super::way::joined;
use crate::domain::name::{DeploymentName, EndpointName};
use crate::domain::route::Route;
use serde::{Deserialize, Serialize};

/// What kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Reads again and compares with what was planned on.
    Check,
    /// PUT of the endpoint's diagnostic settings.
    PutDiagnostics,
    /// PUT of the endpoint, its route as it is.
    PutEndpoint,
    /// PUT of a deployment.
    PutDeployment,
    /// PUT of the endpoint with another route.
    SetRoute,
    /// DELETE of a deployment.
    DeleteDeployment,
    /// Waits until Azure is done, and reads back.
    Wait,
    /// A share of live traffic has its time; then its conditions are judged.
    Bake,
    /// PUT of the endpoint's alert rule.
    PutAlert,
    /// A load test's run.
    RunLoadTest,
    /// An image is built and pushed.
    BuildImage,
    /// A new version of an environment is registered.
    PutEnvironment,
}

impl StepKind {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Check => "Check",
            Self::PutDiagnostics => "Diagnostic settings",
            Self::PutEndpoint => "Endpoint",
            Self::PutDeployment => "Deployment",
            Self::SetRoute => "Route",
            Self::DeleteDeployment => "Delete",
            Self::Wait => "Wait",
            Self::Bake => "Bake",
            Self::PutAlert => "Alert",
            Self::RunLoadTest => "Load test",
            Self::BuildImage => "Image",
            Self::PutEnvironment => "Environment",
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What kind.
    pub kind: StepKind,
    /// What is done, in a sentence.
    pub text: String,
}

impl PlannedStep {
    /// A step.
    #[must_use]
    pub fn new(kind: StepKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// Reading the endpoint again before anything is sent.
    #[must_use]
    pub fn check_route(endpoint: &EndpointName) -> Self {
        let text = format!("Read {endpoint} again and compare its route with the one shown here");
        Self::new(StepKind::Check, text)
    }

    /// The PUT that sets split and mirror.
    #[must_use]
    pub fn set_route(endpoint: &EndpointName, before: &Route, after: &Route) -> Self {
        let cleared = before.mirror().is_some() && after.mirror().is_none();
        let mirror = if cleared { ", clearing the mirror in the same PUT" } else { "" };
        let text =
            format!("PUT {endpoint} with traffic and mirrorTraffic together{mirror}: {after}");
        Self::new(StepKind::SetRoute, text)
    }

    /// Waiting for a route to be in force.
    #[must_use]
    pub fn wait_for_route() -> Self {
        let text = "Wait until Azure says Succeeded, then read the route back and compare";
        Self::new(StepKind::Wait, text)
    }

    /// Having a share of live traffic bake.
    #[must_use]
    pub fn bake(newcomers: &[DeploymentName], bakes: &str, conditions: &str) -> Self {
        let text = format!(
            "Let it bake for {bakes}: {} must have {conditions}; otherwise the route goes back to what it was",
            joined(newcomers)
        );
        Self::new(StepKind::Bake, text)
    }

    /// Waiting for a deployment to be ready.
    #[must_use]
    pub fn wait_for_deployment(name: &DeploymentName) -> Self {
        Self::new(StepKind::Wait, format!("Wait until {name} has Succeeded; stop if it fails"))
    }
}
