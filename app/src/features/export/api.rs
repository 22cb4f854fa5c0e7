//! States in forms to take away.

use crate::domain::document::Export;
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// An endpoint, or one of its deployments, in the forms that would make it.
#[server(endpoint = "read-export", input = Json, output = Json)]
pub async fn read_export(
    at: EndpointKey,
    name: Option<DeploymentName>,
) -> Result<Export, ConsoleError> {
    crate::port::console()?.export(&at, name.as_ref()).await
}
