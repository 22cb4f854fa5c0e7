//! The session's data.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::error::ConsoleError;
use crate::port::{Account, SessionsView};
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

/// The sessions that go on: one's own, and for administrators everybody's in whose name a text is found.
#[server(endpoint = "read-sessions", input = Json, output = Json)]
pub async fn read_sessions(find: String) -> Result<SessionsView, ConsoleError> {
    crate::port::console()?.sessions(&find).await
}
