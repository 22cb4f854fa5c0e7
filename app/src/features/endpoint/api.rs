//! The endpoint page's data.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::stage::EndpointKey;
use crate::domain::traffic::Traffic;
use crate::error::ConsoleError;
use crate::port::EndpointView;
use crate::wire::Json;
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
