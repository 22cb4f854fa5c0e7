//! Deployments: reading them, and checking the YAML of new ones.

use super::Result;
use super::endpoints::DeploymentView;
use async_trait::async_trait;
use domain::log::Container;
use domain::log::Log;
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::spec::Check;
use domain::stage::EndpointKey;

/// Deployments: reading them, and checking the YAML of new ones.
#[async_trait]
pub trait DeploymentsApi: Send + Sync {
    /// One deployment.
    async fn deployment(&self, at: &EndpointKey, name: &DeploymentName) -> Result<DeploymentView>;
    /// The last `tail` lines of a container's log.
    async fn log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log>;
    /// Checks a deployment's YAML and plans its creation.
    async fn check_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Check>;
    /// The deployment YAML that a run was started with, with secrets hidden.
    async fn definition(&self, id: &RunId) -> Result<String>;
}
