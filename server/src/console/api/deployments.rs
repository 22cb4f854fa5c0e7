//! [`DeploymentsApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::DeploymentView;
use app::port::DeploymentsApi;
use app::port::Result;
use domain::log::Container;
use domain::log::Log;
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::spec::Check;
use domain::stage::EndpointKey;
use domain::user::Right;

#[async_trait::async_trait]
impl DeploymentsApi for SignedIn {
    async fn deployment(&self, at: &EndpointKey, name: &DeploymentName) -> Result<DeploymentView> {
        self.require(Right::See).await?;
        learning(self.view_deployment(at, name)).await
    }

    async fn log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log> {
        self.require(Right::See).await?;
        self.knowing(at, self.view_log(at, name, container, tail)).await
    }

    async fn check_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        self.require(Right::See).await?;
        self.knowing(at, self.check_yaml(at, yaml)).await
    }

    async fn definition(&self, id: &RunId) -> Result<String> {
        self.require(Right::See).await?;
        self.definition_of(id).await
    }
}
