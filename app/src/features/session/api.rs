//! The session's data.

use crate::error::ConsoleError;
use crate::port::Account;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Who is signed in, and until when.
#[server(endpoint = "read-account", input = Json)]
pub async fn read_account() -> Result<Account, ConsoleError> {
    Ok(crate::port::console()?.account())
}
