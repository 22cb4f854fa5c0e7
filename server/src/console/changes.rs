//! Plans of direct changes, and creating a deployment from its YAML.

use super::SignedIn;
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Wish, plan};
use crate::spec::{self, Spec};
use app::domain::endpoint::Endpoint;
use app::domain::name::DeploymentName;
use app::domain::operation::Operation;
use app::domain::plan::Plan;
use app::domain::route::Route;
use app::domain::spec::{Check, YamlProblem};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::Result;
use std::sync::Arc;

impl SignedIn {
    /// Plans a direct intent on an endpoint as observed.
    fn planned(&self, endpoint: Arc<Endpoint>, wish: &Wish<'_>) -> Result<Plan> {
        let place = self.place(&endpoint.key)?;
        let observed = Observed::of(Live::of(endpoint));
        let planned = plan(wish, &observed, &place.facts());
        planned.map(|planned| planned.plan).map_err(|none| {
            let said: Vec<_> = none.problems.into_iter().map(|problem| problem.message).collect();
            ConsoleError::Refused(said.join(" "))
        })
    }

    pub(super) async fn plan_of_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan> {
        self.planned(self.observed(at).await?, &Wish::SetRoute { at, route })
    }

    pub(super) fn plan_of_deletion(
        &self,
        endpoint: &Endpoint,
        name: &DeploymentName,
    ) -> Result<Plan> {
        let wish = Wish::Delete { at: &endpoint.key, name };
        self.planned(Arc::new(endpoint.clone()), &wish)
    }

    pub(super) async fn check_yaml(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        match self.read(at, yaml)? {
            Ok(spec) => {
                let endpoint = self.observed(at).await?;
                let wish = Wish::Create { at, name: &spec.name, body: &spec.body };
                let plan = self.planned(endpoint, &wish)?;
                Ok(Check::Readable { name: spec.name, plan })
            }
            Err(problems) => Ok(Check::Unreadable { problems }),
        }
    }

    pub(super) async fn create(&self, at: &EndpointKey, yaml: &str) -> Result<Operation> {
        let spec = self.read(at, yaml)?.map_err(ConsoleError::Yaml)?;
        let operations = &self.services.operations;
        operations.create_deployment(at, &spec.name, &spec.body, &self.user).await
    }

    /// Reads a YAML for this endpoint: one that names another endpoint is refused, because it was written
    /// for another place.
    fn read(
        &self,
        at: &EndpointKey,
        yaml: &str,
    ) -> Result<std::result::Result<Spec, Vec<YamlProblem>>> {
        let place = self.place(at)?;
        Ok(spec::parse(yaml, &place.workspace).and_then(|spec| match &spec.endpoint {
            Some(named) if !named.eq_ignore_ascii_case(at.endpoint.as_str()) => {
                let named: String = named.chars().take(40).collect();
                let line = yaml.lines().position(|line| line.starts_with("endpoint_name"));
                Err(vec![YamlProblem {
                    line: line.and_then(|line| u32::try_from(line + 1).ok()),
                    column: None,
                    field: Some("endpoint_name".to_owned()),
                    message: format!(
                        "this YAML is for the endpoint “{named}”, and you are on {}. Correct endpoint_name \
                         or go to that endpoint",
                        at.endpoint
                    ),
                }])
            }
            _ => Ok(spec),
        }))
    }
}
