//! Checking a deployment's YAML.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::run::RunId;
use crate::domain::spec::Check;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// What a deployment's YAML amounts to.
#[server(endpoint = "check-deployment", input = Json, output = Json)]
pub async fn check_deployment(at: EndpointKey, yaml: String) -> Result<Check, ConsoleError> {
    crate::port::console()?.check_deployment(&at, &yaml).await
}

/// The YAML of the deployment that a run was to create.
#[server(endpoint = "read-definition", input = Json, output = Json)]
pub async fn read_definition(id: RunId) -> Result<String, ConsoleError> {
    crate::port::console()?.definition(&id).await
}
