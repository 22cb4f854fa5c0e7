//! The History screen's data. Only asked for while a page is rendered on the server.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::history::LiveAt;
use crate::domain::history_filter::Filter;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::error::ConsoleError;
use crate::port::{HistoryEntry, HistoryView};
use crate::wire::Json;
use leptos::prelude::*;

/// The entries that a filter lets through, newest first.
#[server(endpoint = "read-history", input = Json, output = Json)]
pub async fn read_history(filter: Filter) -> Result<HistoryView, ConsoleError> {
    crate::port::console()?.history(&filter).await
}

/// One entry.
#[server(endpoint = "read-history-entry", input = Json, output = Json)]
pub async fn read_history_entry(index: u64) -> Result<HistoryEntry, ConsoleError> {
    crate::port::console()?.history_entry(index).await
}

/// What was live on an endpoint at a time.
#[server(endpoint = "read-live-at", input = Json, output = Json)]
pub async fn read_live_at(at: EndpointKey, time: Timestamp) -> Result<LiveAt, ConsoleError> {
    crate::port::console()?.live_at(&at, time).await
}
