//! Plans of direct changes, and creating a deployment from its YAML.

use super::SignedIn;
use super::deployment_yaml::{self, DeploymentYaml};
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Wish, plan};
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
    async fn planned(&self, endpoint: Arc<Endpoint>, wish: &Wish<'_>) -> Result<Plan> {
        let place = self.place(&endpoint.key)?;
        let now = self.services.clock.now();
        let facts = place.facts(&wish.needs(), Some(&endpoint), now).await;
        let observed = Observed::of(Live::of(endpoint));
        let planned = plan(wish, &observed, &facts);
        planned.map(|planned| planned.plan).map_err(|none| {
            let said: Vec<_> = none.problems.into_iter().map(|problem| problem.message).collect();
            ConsoleError::Refused(said.join(" "))
        })
    }

    pub(super) async fn plan_of_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan> {
        self.planned(self.observed(at).await?, &Wish::SetRoute { at, route }).await
    }

    pub(super) async fn plan_of_deletion(
        &self,
        endpoint: &Endpoint,
        name: &DeploymentName,
    ) -> Result<Plan> {
        let wish = Wish::Delete { at: &endpoint.key, name };
        self.planned(Arc::new(endpoint.clone()), &wish).await
    }

    pub(super) async fn check_yaml(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        match self.read(at, yaml)? {
            Ok(read) => {
                let endpoint = self.observed(at).await?;
                let wish = Wish::Create { at, name: &read.name, body: &read.body };
                let plan = self.planned(endpoint, &wish).await?;
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
        Ok(deployment_yaml::read(yaml, &self.place(at)?.workspace, &at.endpoint))
    }
}
