//! Server functions for exports.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::document::Export;
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The documents that would recreate an endpoint or one of its deployments.
#[server(endpoint = "read-export", input = Json, output = Json)]
pub async fn read_export(
    at: EndpointKey,
    name: Option<DeploymentName>,
) -> Result<Export, ConsoleError> {
    crate::port::console()?.export(&at, name.as_ref()).await
}
