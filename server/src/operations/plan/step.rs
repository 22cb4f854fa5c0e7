//! Steps with what they send. In the journal and in a plan's download each says its kind by a tag.

use super::open;
use crate::redact::{self, Values};
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::plan::promotion::Baking;
use app::domain::plan::step::{PlannedStep, StepKind};
use app::domain::route::Route;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a wait is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The endpoint has succeeded, with this route.
    EndpointSucceeded {
        /// The route that is read back and compared.
        route: Route,
    },
    /// A deployment has succeeded.
    DeploymentSucceeded {
        /// Which.
        name: DeploymentName,
    },
    /// A deployment is gone.
    DeploymentGone {
        /// Which.
        name: DeploymentName,
    },
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Reads the endpoint again; goes on only if it still has this route.
    Check {
        /// The endpoint.
        endpoint: EndpointName,
        /// The route that the plan was made from; `None` when the endpoint must not exist.
        route: Option<Route>,
    },
    /// PUT of the endpoint's diagnostic settings.
    PutDiagnostics {
        /// The endpoint.
        endpoint: EndpointName,
        /// The settings' name.
        name: String,
        /// The body. Ids that are looked up when it is sent stand as `@log-analytics`.
        body: Value,
    },
    /// PUT of the endpoint.
    PutEndpoint {
        /// The endpoint.
        endpoint: EndpointName,
        /// The body, with the route as it is.
        body: Value,
    },
    /// PUT of a deployment, new or existing.
    PutDeployment {
        /// The endpoint.
        endpoint: EndpointName,
        /// The deployment.
        name: DeploymentName,
        /// The body.
        body: Value,
    },
    /// PUT of the endpoint as it is read then, with nothing but these two maps changed.
    SetRoute {
        /// The endpoint.
        endpoint: EndpointName,
        /// The route before.
        before: Route,
        /// The route after.
        after: Route,
        /// `properties.traffic` of the PUT.
        traffic: Value,
        /// `properties.mirrorTraffic` of the PUT; empty clears the mirror.
        mirror_traffic: Value,
    },
    /// DELETE of a deployment.
    DeleteDeployment {
        /// The endpoint.
        endpoint: EndpointName,
        /// The deployment.
        name: DeploymentName,
    },
    /// Waits, then reads back.
    Wait {
        /// For what.
        until: Until,
    },
    /// The route that was just set has its time; then its conditions are judged.
    Bake {
        /// The endpoint.
        endpoint: EndpointName,
        /// The route that bakes.
        route: Route,
        /// What is judged.
        baking: Baking,
    },
    /// PUT of the alert rule.
    PutAlert {
        /// The endpoint.
        endpoint: EndpointName,
        /// The rule's name.
        name: String,
        /// The body. Ids that are looked up when it is sent stand as `@log-analytics`, `@action-group`.
        body: Value,
    },
    /// A load test's run.
    RunLoadTest {
        /// The endpoint.
        endpoint: EndpointName,
        /// The test's id.
        test: String,
        /// The test's configuration, a file of the release.
        config: String,
        /// What the run's id begins with; a number is added, so that a second run does not collide.
        run: String,
        /// The Key Vault secret that the endpoint's key is kept in.
        key_secret: String,
    },
    /// An image is built and pushed to the workspace's registry.
    BuildImage {
        /// The layer of the Dockerfile at the repository's root.
        target: String,
        /// Its repository and tag in the registry.
        image: String,
        /// The cache's repository and tag.
        cache: String,
        /// Whether the runner's disk is cleared first.
        clear_disk: bool,
    },
    /// A new version of an environment from that image.
    PutEnvironment {
        /// The environment's name.
        name: String,
        /// The body.
        body: Value,
    },
}

/// `properties.traffic` and `properties.mirrorTraffic` of a route.
#[must_use]
pub fn maps(route: &Route) -> (Value, Value) {
    let traffic: Map<_, _> =
        route.split().iter().map(|(name, share)| (name.to_string(), json!(share))).collect();
    let mirror: Map<_, _> = route
        .mirror()
        .map(|mirror| (mirror.deployment().to_string(), json!(mirror.percent())))
        .into_iter()
        .collect();
    (Value::Object(traffic), Value::Object(mirror))
}

impl Step {
    /// Setting a route.
    #[must_use]
    pub fn set_route(endpoint: &EndpointName, before: &Route, after: &Route) -> Self {
        let (traffic, mirror_traffic) = maps(after);
        let (before, after) = (before.clone(), after.clone());
        Self::SetRoute { endpoint: endpoint.clone(), before, after, traffic, mirror_traffic }
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> PlannedStep {
        use StepKind as Kind;
        match self {
            Self::Check { endpoint, route: Some(_) } => PlannedStep::check_route(endpoint),
            Self::Check { endpoint, route: None } => PlannedStep::new(
                Kind::Check,
                format!("Check that there is still no endpoint {endpoint}"),
            ),
            Self::PutDiagnostics { name, .. } => PlannedStep::new(
                Kind::PutDiagnostics,
                format!("PUT the diagnostic settings {name}: console, traffic and event logs"),
            ),
            Self::PutEndpoint { endpoint, .. } => PlannedStep::new(
                Kind::PutEndpoint,
                format!("PUT the endpoint {endpoint}; its route stays as it is"),
            ),
            Self::PutDeployment { name, .. } => PlannedStep::new(
                Kind::PutDeployment,
                format!("PUT the deployment {name}; the route is not touched"),
            ),
            Self::SetRoute { endpoint, before, after, .. } => {
                PlannedStep::set_route(endpoint, before, after)
            }
            Self::DeleteDeployment { name, .. } => {
                PlannedStep::new(Kind::DeleteDeployment, format!("DELETE the deployment {name}"))
            }
            Self::Wait { until } => until.words(),
            Self::Bake { baking, .. } => {
                let (bakes, conditions) =
                    (baking.minutes.to_string(), baking.conditions.to_string());
                PlannedStep::bake(&baking.newcomers, &bakes, &conditions)
            }
            Self::PutAlert { name, .. } => PlannedStep::new(
                Kind::PutAlert,
                format!(
                    "PUT the alert rule {name}: more than 10 answers other than 200 in 15 minutes"
                ),
            ),
            Self::RunLoadTest { test, config, .. } => PlannedStep::new(
                Kind::RunLoadTest,
                format!("Run the load test {test} with {config}"),
            ),
            Self::BuildImage { target, image, .. } => PlannedStep::new(
                Kind::BuildImage,
                format!("Build the layer {target} of the Dockerfile and push it as {image}"),
            ),
            Self::PutEnvironment { name, .. } => PlannedStep::new(
                Kind::PutEnvironment,
                format!("Register a new version of the environment {name} from that image"),
            ),
        }
    }

    /// What it sends, when that is a body.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        match self {
            Self::PutDiagnostics { body, .. }
            | Self::PutEndpoint { body, .. }
            | Self::PutDeployment { body, .. }
            | Self::PutAlert { body, .. }
            | Self::PutEnvironment { body, .. } => Some(body),
            Self::Check { .. }
            | Self::SetRoute { .. }
            | Self::DeleteDeployment { .. }
            | Self::Wait { .. }
            | Self::Bake { .. }
            | Self::RunLoadTest { .. }
            | Self::BuildImage { .. } => None,
        }
    }

    /// What it sends, when that is a body.
    pub fn body_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::PutDiagnostics { body, .. }
            | Self::PutEndpoint { body, .. }
            | Self::PutDeployment { body, .. }
            | Self::PutAlert { body, .. }
            | Self::PutEnvironment { body, .. } => Some(body),
            Self::Check { .. }
            | Self::SetRoute { .. }
            | Self::DeleteDeployment { .. }
            | Self::Wait { .. }
            | Self::Bake { .. }
            | Self::RunLoadTest { .. }
            | Self::BuildImage { .. } => None,
        }
    }

    /// The secrets in what steps send.
    #[must_use]
    pub fn secrets(steps: &[Self]) -> Values {
        let mut values = Values::default();
        steps.iter().filter_map(Self::body).for_each(|body| values.add_body(body));
        values
    }

    /// The same step for a download: secrets are hidden, and what is looked up later is said in words.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut step = self.clone();
        if let Some(body) = step.body_mut() {
            redact::body(body);
            *body = open::worded(body);
        }
        step
    }
}

impl Until {
    fn words(&self) -> PlannedStep {
        match self {
            Self::EndpointSucceeded { .. } => PlannedStep::wait_for_route(),
            Self::DeploymentSucceeded { name } => PlannedStep::wait_for_deployment(name),
            Self::DeploymentGone { name } => {
                PlannedStep::new(StepKind::Wait, format!("Wait until {name} is gone"))
            }
        }
    }
}
