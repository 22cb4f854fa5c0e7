//! Server functions for sessions.

use crate::error::ConsoleError;
use crate::port::{Account, SessionsView};
use crate::wire::Json;
use leptos::prelude::*;

/// Who is signed in, and until when.
#[server(endpoint = "read-account", input = Json, output = Json)]
pub async fn read_account() -> Result<Account, ConsoleError> {
    Ok(crate::port::console()?.account())
}

/// The open sessions: the person's own and, for administrators, everybody's whose name contains `find`.
#[server(endpoint = "read-sessions", input = Json, output = Json)]
pub async fn read_sessions(find: String) -> Result<SessionsView, ConsoleError> {
    crate::port::console()?.sessions(&find).await
}
