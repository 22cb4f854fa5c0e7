//! Checking a deployment's YAML.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::spec::Check;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What a deployment's YAML amounts to.
#[server(endpoint = "check-deployment", input = Json)]
pub async fn check_deployment(at: EndpointKey, yaml: String) -> Result<Check, ConsoleError> {
    crate::port::console()?.check_deployment(&at, &yaml).await
}
