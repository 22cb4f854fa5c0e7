//! Asks the server whether the session continues.

use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// Succeeds if somebody is signed in.
#[server(endpoint = "check-session", input = Json, output = Json)]
pub async fn check_session() -> Result<(), ConsoleError> {
    crate::port::console().map(|_| ())
}
