//! The session's data.

use crate::error::ConsoleError;
use crate::port::Account;
use crate::wire::Json;
use leptos::prelude::*;

/// Nothing, when somebody is signed in.
#[server(endpoint = "check-session", input = Json, output = Json)]
pub async fn check_session() -> Result<(), ConsoleError> {
    crate::port::console().map(|_| ())
}

/// Who is signed in, and until when.
#[server(endpoint = "read-account", input = Json, output = Json)]
pub async fn read_account() -> Result<Account, ConsoleError> {
    Ok(crate::port::console()?.account())
}
