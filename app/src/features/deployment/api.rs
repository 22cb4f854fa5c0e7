//! The deployment page's data.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::port::DeploymentView;
use crate::wire::Json;
use leptos::prelude::*;

/// One deployment.
#[server(endpoint = "read-deployment", input = Json, output = Json)]
pub async fn read_deployment(
    at: EndpointKey,
    name: DeploymentName,
) -> Result<DeploymentView, ConsoleError> {
    crate::port::console()?.deployment(&at, &name).await
}
