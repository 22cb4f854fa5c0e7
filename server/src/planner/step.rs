//! The steps of plans, with the bodies that they send. A tag names the kind in the journal and in downloads.

use super::open;
use crate::redact::{self, Values};
use domain::endpoint::MadeOf;
use domain::name::{DeploymentName, EndpointName};
use domain::plan::promotion::Baking;
use domain::plan::route_maps;
use domain::plan::step::{PlannedStep, StepKind};
use domain::route::Route;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// The state that a wait step waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    EndpointSucceeded {
        /// The route that Azure must report.
        route: Route,
    },
    DeploymentSucceeded {
        name: DeploymentName,
    },
    DeploymentGone {
        name: DeploymentName,
    },
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// Reads the endpoint again, and fails if the route has changed.
    Check {
        endpoint: EndpointName,
        /// The route that the plan was made from; `None` when the endpoint must not exist.
        route: Option<Route>,
    },
    /// PUT of the endpoint's diagnostic settings.
    PutDiagnostics {
        endpoint: EndpointName,
        name: String,
        /// The body, with a reference such as `@log-analytics` for an unresolved id.
        body: Value,
    },
    /// PUT of the endpoint.
    PutEndpoint {
        endpoint: EndpointName,
        /// The body, with the current route.
        body: Value,
    },
    /// PUT of a deployment, new or existing.
    PutDeployment { endpoint: EndpointName, name: DeploymentName, body: Value },
    /// PUT of the endpoint as read immediately before, with only `traffic` and `mirrorTraffic` changed to the maps of
    /// `after`. Both are always sent: an empty `mirrorTraffic` clears the mirror.
    #[serde(serialize_with = "with_maps")]
    SetRoute { endpoint: EndpointName, before: Route, after: Route },
    /// DELETE of a deployment.
    DeleteDeployment {
        endpoint: EndpointName,
        name: DeploymentName,
        /// The deployment to delete: another one of the same name stays. `None` in plans of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_of: Option<MadeOf>,
    },
    /// Waits until Azure reports the requested state.
    Wait { until: Until },
    /// Lets the new route bake, then judges its conditions.
    Bake { endpoint: EndpointName, route: Route, baking: Baking },
    /// PUT of the alert rule.
    PutAlert {
        endpoint: EndpointName,
        name: String,
        /// The body, with references such as `@log-analytics` and `@action-group` for unresolved ids.
        body: Value,
    },
    RunLoadTest {
        endpoint: EndpointName,
        test: String,
        /// The path of the test's configuration.
        config: String,
        /// The prefix of the run's id. A number is added, so that a second run does not collide.
        run: String,
        /// The Key Vault secret that stores the endpoint's key.
        key_secret: String,
    },
    /// Builds an image and pushes it to the workspace's registry.
    BuildImage {
        /// The layer of the Dockerfile at the repository's root.
        target: String,
        /// The image's repository and tag in the registry.
        image: String,
        /// The cache's repository and tag.
        cache: String,
        /// Whether to clear the runner's disk first.
        clear_disk: bool,
    },
    /// Registers a new version of an environment from that image.
    PutEnvironment { name: String, body: Value },
}

/// A [`Step::SetRoute`] with the two maps that the PUT will contain, for the plan's hash and its download. They are
/// not read back: the PUT makes them from `after` with the same function, [`route_maps`].
fn with_maps<S: Serializer>(
    endpoint: &EndpointName,
    before: &Route,
    after: &Route,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let (traffic, mirror_traffic) = route_maps(after);
    let mut step = serializer.serialize_struct("SetRoute", 5)?;
    step.serialize_field("endpoint", endpoint)?;
    step.serialize_field("before", before)?;
    step.serialize_field("after", after)?;
    step.serialize_field("traffic", &traffic)?;
    step.serialize_field("mirror_traffic", &mirror_traffic)?;
    step.end()
}

/// The body that a step sends, if any: `$step` is a reference to the step, and the body the same kind of reference.
macro_rules! body_of {
    ($step:expr) => {
        match $step {
            Step::PutDiagnostics { body, .. }
            | Step::PutEndpoint { body, .. }
            | Step::PutDeployment { body, .. }
            | Step::PutAlert { body, .. }
            | Step::PutEnvironment { body, .. } => Some(body),
            Step::Check { .. }
            | Step::SetRoute { .. }
            | Step::DeleteDeployment { .. }
            | Step::Wait { .. }
            | Step::Bake { .. }
            | Step::RunLoadTest { .. }
            | Step::BuildImage { .. } => None,
        }
    };
}

impl Step {
    /// Creates the step that sets a route.
    #[must_use]
    pub fn set_route(endpoint: &EndpointName, before: &Route, after: &Route) -> Self {
        Self::SetRoute { endpoint: endpoint.clone(), before: before.clone(), after: after.clone() }
    }

    /// The step in words.
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
            Self::SetRoute { endpoint, before, after } => {
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

    /// The body that the step sends, if any.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        body_of!(self)
    }

    /// The body that the step sends, if any.
    pub fn body_mut(&mut self) -> Option<&mut Value> {
        body_of!(self)
    }

    /// The secrets in the bodies of steps.
    #[must_use]
    pub fn secrets(steps: &[Self]) -> Values {
        let mut values = Values::default();
        steps.iter().filter_map(Self::body).for_each(|body| values.add_body(body));
        values
    }

    /// The step for a download, with secrets hidden and references replaced by words.
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

/// The last route that steps set; `None` when they set none.
#[must_use]
pub fn route_after(steps: &[Step]) -> Option<&Route> {
    steps.iter().rev().find_map(|step| match step {
        Step::SetRoute { after, .. } => Some(after),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_stored_route_step_keeps_its_form_and_its_maps_are_not_read() {
        let stored = json!({
            "kind": "set_route", "endpoint": "anet-ep-dev",
            "before": "blue=100;mirror=green:20", "after": "blue=90,green=10",
            "traffic": {"blue": 90, "green": 10}, "mirror_traffic": {},
        });
        let route = |text: &str| text.parse::<Route>().expect("a route");
        let endpoint = "anet-ep-dev".parse().expect("a name");
        let (before, after) = (route("blue=100;mirror=green:20"), route("blue=90,green=10"));
        let step = Step::set_route(&endpoint, &before, &after);
        let mut altered = stored.clone();
        altered["traffic"] = json!({"red": 100});
        let mut without = stored.clone();
        without.as_object_mut().expect("an object").retain(|key, _| !key.contains("traffic"));
        for form in [stored.clone(), altered, without] {
            let read: Step = serde_json::from_value(form.clone()).expect("a step");
            assert_eq!(read, step, "{form}");
            assert_eq!(serde_json::to_value(&read).expect("JSON"), stored, "{form}");
        }
    }
}
