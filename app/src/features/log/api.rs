//! Server functions for logs.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::log::{Container, Log};
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The last `tail` lines of a container's log.
#[server(endpoint = "read-log", input = Json, output = Json)]
pub async fn read_log(
    at: EndpointKey,
    name: DeploymentName,
    container: Container,
    tail: u32,
) -> Result<Log, ConsoleError> {
    crate::port::console()?.log(&at, &name, container, tail).await
}
