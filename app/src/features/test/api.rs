//! Sending a test request.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::scoring::{Answer, Target};
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// Sends a test request.
#[server(endpoint = "send-test", input = Json, output = Json)]
pub async fn send_test(
    at: EndpointKey,
    target: Target,
    body: String,
) -> Result<Answer, ConsoleError> {
    crate::port::console()?.test(&at, &target, &body).await
}
