//! Steps in words. The server has the request bodies.

use super::rollout_path::joined;
use crate::name::{DeploymentName, EndpointName};
use crate::route::Route;
use serde::{Deserialize, Serialize};

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Reads Azure again and compares with the base of the plan.
    Check,
    /// PUT of the endpoint's diagnostic settings.
    PutDiagnostics,
    /// PUT of the endpoint with its current route.
    PutEndpoint,
    /// PUT of a deployment.
    PutDeployment,
    /// PUT of the endpoint with a new route.
    SetRoute,
    /// DELETE of a deployment.
    DeleteDeployment,
    /// Waits until Azure is done, and reads the result back.
    Wait,
    /// Lets a share of live traffic bake, then evaluates its conditions.
    Bake,
    /// PUT of the endpoint's alert rule.
    PutAlert,
    RunLoadTest,
    /// Builds and pushes an image.
    BuildImage,
    /// Registers a new version of an environment.
    PutEnvironment,
}

impl StepKind {
    /// The name of the kind on screens.
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

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    pub kind: StepKind,
    /// A sentence that describes the step.
    pub text: String,
}

impl PlannedStep {
    /// Creates a step.
    #[must_use]
    pub fn new(kind: StepKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// The step that reads the endpoint again before anything is sent.
    #[must_use]
    pub fn check_route(endpoint: &EndpointName) -> Self {
        let text = format!("Read {endpoint} again and compare its route with the one shown here");
        Self::new(StepKind::Check, text)
    }

    /// The step that sets split and mirror in one PUT.
    #[must_use]
    pub fn set_route(endpoint: &EndpointName, before: &Route, after: &Route) -> Self {
        let cleared = before.mirror().is_some() && after.mirror().is_none();
        let mirror = if cleared { ", clearing the mirror in the same PUT" } else { "" };
        let text =
            format!("PUT {endpoint} with traffic and mirrorTraffic together{mirror}: {after}");
        Self::new(StepKind::SetRoute, text)
    }

    /// The step that waits until a route is in force.
    #[must_use]
    pub fn wait_for_route() -> Self {
        let text = "Wait until Azure says Succeeded, then read the route back and compare";
        Self::new(StepKind::Wait, text)
    }

    /// The step that lets a share of live traffic bake.
    #[must_use]
    pub fn bake(newcomers: &[DeploymentName], bakes: &str, conditions: &str) -> Self {
        let text = format!(
            "Let it bake for {bakes}: {} must have {conditions}; otherwise the route goes back to what it was",
            joined(newcomers)
        );
        Self::new(StepKind::Bake, text)
    }

    /// The step that waits until a deployment is ready.
    #[must_use]
    pub fn wait_for_deployment(name: &DeploymentName) -> Self {
        Self::new(StepKind::Wait, format!("Wait until {name} has Succeeded; stop if it fails"))
    }
}
