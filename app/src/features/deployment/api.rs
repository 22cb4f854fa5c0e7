//! Server functions for deployments.

use crate::error::ConsoleError;
use crate::port::DeploymentView;
use crate::wire::Json;
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// One deployment.
#[server(endpoint = "read-deployment", input = Json, output = Json)]
pub async fn read_deployment(
    at: EndpointKey,
    name: DeploymentName,
) -> Result<DeploymentView, ConsoleError> {
    crate::port::console()?.deployment(&at, &name).await
}
