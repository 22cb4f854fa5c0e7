//! Server functions for the history. Only server-side rendering calls them.

use crate::error::ConsoleError;
use crate::port::{HistoryEntry, HistoryView};
use crate::wire::Json;
use domain::history::LiveAt;
use domain::history_filter::Filter;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The entries that match a filter, newest first.
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
