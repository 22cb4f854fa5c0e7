//! What others change: a route that Azure has and the ledger does not know is recorded as observed, so
//! that “what was live at a time” can be answered. One task per stage, woken by its observer.

use super::{History, facts};
use crate::azure::endpoints;
use crate::stages::Place;
use crate::store::ledger::LedgerError;
use crate::store::runs::Runs;
use app::domain::endpoint::Endpoint;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use std::collections::HashMap;
use std::sync::Arc;

/// Records what others change. Never ends; abort the task.
pub async fn run(history: Arc<History>, runs: Runs, place: Arc<Place>) {
    let mut seen = place.observer.subscribe();
    let mut known: HashMap<EndpointKey, Route> = HashMap::new();
    loop {
        let endpoints = seen.borrow_and_update().endpoints.clone();
        for endpoint in endpoints.values() {
            if known.get(&endpoint.key) == Some(&endpoint.route) || endpoint.state.is_busy() {
                continue;
            }
            match look(&history, &runs, &place, endpoint).await {
                Ok(Some(route)) => _ = known.insert(endpoint.key.clone(), route),
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "a change elsewhere could not be recorded"),
            }
        }
        if seen.changed().await.is_err() {
            return;
        }
    }
}

/// Compares an endpoint with the ledger, and records a difference that is not the console's own doing.
/// Returns the route that the ledger knows then; `None` when that cannot be said yet.
async fn look(
    history: &History,
    runs: &Runs,
    place: &Place,
    endpoint: &Endpoint,
) -> Result<Option<Route>, LedgerError> {
    let at = &endpoint.key;
    if is_at_work(runs, at).await? {
        return Ok(None);
    }
    let recorded = history.table.route_at(at, None).await?;
    let said = |facts: &ledger::entry::Facts| {
        facts.get(facts::ROUTE).and_then(|text| text.parse::<Route>().ok())
    };
    if recorded.as_ref().and_then(|entry| said(&entry.after)).as_ref() == Some(&endpoint.route) {
        return Ok(Some(endpoint.route.clone()));
    }
    // What was observed may be older than what was recorded: Azure is asked now, and nothing of ours
    // may have begun in between.
    let Ok(read) = endpoints::get(&place.arm, &place.workspace, at).await else { return Ok(None) };
    let now = read.endpoint;
    if now.state.is_busy() || is_at_work(runs, at).await? {
        return Ok(None);
    }
    let recorded = history.table.route_at(at, None).await?;
    let was = recorded.map(|entry| entry.after);
    if was.as_ref().and_then(said).as_ref() != Some(&now.route) {
        history.record(facts::observed(at, &now.route, was, history.now())).await?;
    }
    Ok(Some(now.route))
}

async fn is_at_work(runs: &Runs, at: &EndpointKey) -> Result<bool, LedgerError> {
    Ok(runs.open().await?.iter().any(|open| open.operation.endpoint == *at))
}
