//! Plans of direct changes, and creating a deployment from its YAML.

use super::SignedIn;
use super::deployment_yaml::{self, DeploymentYaml};
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Planned, Wish, plan};
use crate::redact;
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
    pub(super) async fn planned(
        &self,
        endpoint: Arc<Endpoint>,
        wish: &Wish<'_>,
    ) -> Result<Planned> {
        let place = self.place(&endpoint.key)?;
        let facts = self.services.operations.facts(place, &wish.needs(), Some(&endpoint)).await;
        let observed = Observed::of(Live::of(endpoint)).marking(place.arm.marks());
        plan(wish, &observed, &facts).map_err(|none| {
            let said: Vec<_> = none.problems.into_iter().map(|problem| problem.message).collect();
            ConsoleError::Refused(said.join(" "))
        })
    }

    pub(super) async fn plan_of_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan> {
        Ok(self.planned(self.observed(at).await?, &Wish::SetRoute { at, route }).await?.plan)
    }

    pub(super) async fn plan_of_deletion(
        &self,
        endpoint: &Endpoint,
        name: &DeploymentName,
    ) -> Result<Plan> {
        let wish = Wish::Delete { at: &endpoint.key, name };
        Ok(self.planned(Arc::new(endpoint.clone()), &wish).await?.plan)
    }

    pub(super) async fn check_yaml(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        match self.read(at, yaml)? {
            Ok(read) => {
                let endpoint = self.observed(at).await?;
                let wish = Wish::Create { at, name: &read.name, body: &read.body };
                let plan = self.planned(endpoint, &wish).await?.plan;
                Ok(Check::Readable { name: read.name, plan: Box::new(plan) })
            }
            Err(problems) => Ok(Check::Unreadable { problems }),
        }
    }

    pub(super) async fn create(&self, at: &EndpointKey, yaml: &str) -> Result<Operation> {
        let read = self.read(at, yaml)?.map_err(ConsoleError::Yaml)?;
        let operations = &self.services.operations;
        operations.create_deployment(at, &read.name, &read.body, &self.asker).await
    }

    pub(super) fn read(
        &self,
        at: &EndpointKey,
        yaml: &str,
    ) -> Result<std::result::Result<DeploymentYaml, Vec<YamlProblem>>> {
        // First: what is wrong with it may be told with the value.
        redact::learn(&redact::yaml::secrets(yaml.as_bytes()));
        let read = deployment_yaml::read(yaml, &self.place(at)?.workspace, &at.endpoint);
        if let Ok(read) = &read {
            redact::scope::learn_body(&read.body);
        }
        Ok(read.map_err(|problems| problems.into_iter().map(without_secrets).collect()))
    }
}

fn without_secrets(problem: YamlProblem) -> YamlProblem {
    YamlProblem { message: redact::text(&problem.message), ..problem }
}
