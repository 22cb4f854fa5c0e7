//! Creating a deployment from its YAML.

use super::SignedIn;
use super::deployment_yaml::{self, DeploymentYaml};
use app::domain::operation::Operation;
use app::domain::plan::Plan;
use app::domain::spec::{Check, YamlProblem};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::Result;

impl SignedIn {
    pub(super) async fn check_yaml(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        match self.read(at, yaml)? {
            Ok(read) => {
                let endpoint = self.observed(at).await?;
                let plan =
                    Plan::create(&endpoint, &read.name, &deployment_yaml::flatten(&read.body));
                Ok(Check::Readable { name: read.name, plan })
            }
            Err(problems) => Ok(Check::Unreadable { problems }),
        }
    }

    pub(super) async fn create(&self, at: &EndpointKey, yaml: &str) -> Result<Operation> {
        let read = self.read(at, yaml)?.map_err(ConsoleError::Yaml)?;
        let operations = &self.services.operations;
        operations.create_deployment(at, &read.name, &read.body, &self.asker).await
    }

    fn read(
        &self,
        at: &EndpointKey,
        yaml: &str,
    ) -> Result<std::result::Result<DeploymentYaml, Vec<YamlProblem>>> {
        Ok(deployment_yaml::read(yaml, &self.place(at)?.workspace, &at.endpoint))
    }
}
