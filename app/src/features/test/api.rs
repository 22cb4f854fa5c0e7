//! Sending a test request.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::scoring::{Answer, Target};
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Sends a test request.
#[server(endpoint = "send-test", input = Json)]
pub async fn send_test(
    at: EndpointKey,
    target: Target,
    body: String,
) -> Result<Answer, ConsoleError> {
    crate::port::console()?.test(&at, &target, &body).await
}
