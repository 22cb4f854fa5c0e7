//! Reading a log.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::log::{Container, Log};
use crate::domain::name::DeploymentName;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// The end of a deployment's log.
#[server(endpoint = "read-log", input = Json, output = Json)]
pub async fn read_log(
    at: EndpointKey,
    name: DeploymentName,
    container: Container,
    tail: u32,
) -> Result<Log, ConsoleError> {
    crate::port::console()?.log(&at, &name, container, tail).await
}
