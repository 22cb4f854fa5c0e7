//! Server functions for endpoints.

use crate::error::ConsoleError;
use crate::port::EndpointView;
use crate::wire::Json;
use domain::stage::EndpointKey;
use domain::traffic::Traffic;
use leptos::prelude::*;

/// One endpoint with its deployments and the console's operations on it.
#[server(endpoint = "read-endpoint", input = Json, output = Json)]
pub async fn read_endpoint(at: EndpointKey) -> Result<EndpointView, ConsoleError> {
    crate::port::console()?.endpoint(&at).await
}

/// Measured traffic of an endpoint's deployments.
#[server(endpoint = "read-traffic", input = Json, output = Json)]
pub async fn read_traffic(at: EndpointKey) -> Result<Traffic, ConsoleError> {
    crate::port::console()?.traffic(&at).await
}
