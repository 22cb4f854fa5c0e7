//! Server functions for test requests.

use crate::error::ConsoleError;
use crate::wire::Json;
use domain::scoring::{Answer, TestTarget};
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// Sends a test request.
#[server(endpoint = "send-test", input = Json, output = Json)]
pub async fn send_test(
    at: EndpointKey,
    target: TestTarget,
    body: String,
) -> Result<Answer, ConsoleError> {
    crate::port::console()?.test(&at, &target, &body).await
}
