//! What others change: a route that Azure has and the ledger does not know is recorded as observed, so
//! that “what was live at a time” can be answered. One task per stage, woken by its observer.
//!
//! Azure may answer what was there before for a while, and by turns (see `patience.rs`). So nothing is recorded
//! because of one read: a route that nobody knows is read again after a pause, and one that was there before the
//! recorded one, or before a route that the console has set, for as long as reads are doubted. A route that the
//! console has sent is recorded as its own, whatever became of the run that sent it.

mod suspect;

use super::{History, facts};
use crate::azure::endpoints;
use crate::operations::ours::Ours;
use crate::stages::Place;
use crate::store::ledger::LedgerError;
use crate::store::runs::Runs;
use app::domain::endpoint::Endpoint;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use ledger::entry::Entry;
use std::collections::HashMap;
use std::sync::Arc;
use suspect::{Believed, Suspects};

/// How long ago a run may have ended of which a route is still told, in milliseconds.
const OURS_MS: i64 = 600_000;

/// What is known of the endpoints of a stage.
#[derive(Debug, Default)]
struct Known {
    /// The routes that the ledger knows.
    recorded: HashMap<EndpointKey, Route>,
    /// Those that it does not, and that are read again.
    suspects: Suspects,
}

/// Records what others change. Never ends; abort the task.
pub async fn run(history: Arc<History>, runs: Runs, place: Arc<Place>) {
    let mut seen = place.observer.subscribe();
    let mut known = Known::default();
    loop {
        let endpoints = seen.borrow_and_update().endpoints.clone();
        for endpoint in endpoints.values() {
            let is_recorded = known.recorded.get(&endpoint.key) == Some(&endpoint.route);
            let is_certain = is_recorded && !known.suspects.has(&endpoint.key);
            if is_certain || endpoint.state.is_busy() {
                continue;
            }
            match look(&history, &runs, &place, endpoint, &mut known.suspects).await {
                Ok(Some(route)) => _ = known.recorded.insert(endpoint.key.clone(), route),
                Ok(None) => _ = known.recorded.remove(&endpoint.key),
                Err(error) => tracing::error!(%error, "a change elsewhere could not be recorded"),
            }
        }
        if known.suspects.is_empty() {
            if seen.changed().await.is_err() {
                return;
            }
            continue;
        }
        // What is in doubt is read again, whether or not anything new is seen.
        known.suspects.retain(|at| endpoints.contains_key(&at.endpoint));
        tokio::time::sleep(place.patience.pause()).await;
        if seen.has_changed().is_err() {
            return;
        }
    }
}

/// The route that an entry tells.
fn told(entry: Option<&Entry>) -> Option<Route> {
    entry?.after.get(facts::ROUTE).and_then(|text| text.parse().ok())
}

/// Compares an endpoint with the ledger, and records a difference once it is believed. Returns the route that
/// the ledger knows then; `None` when that cannot be said yet.
async fn look(
    history: &History,
    runs: &Runs,
    place: &Place,
    endpoint: &Endpoint,
    suspects: &mut Suspects,
) -> Result<Option<Route>, LedgerError> {
    let at = &endpoint.key;
    if is_at_work(runs, at).await? {
        suspects.clear(at);
        return Ok(None);
    }
    let recorded = told(history.table.route_at(at, None).await?.as_ref());
    if recorded.as_ref() == Some(&endpoint.route) && !suspects.has(at) {
        return Ok(recorded);
    }
    // What was observed may be older than what was recorded: Azure is asked now, and nothing of ours
    // may have begun in between.
    let Ok(read) = endpoints::get(&place.arm, &place.workspace, at).await else { return Ok(None) };
    let now = read.endpoint;
    if now.state.is_busy() || now.route_problem.is_some() || is_at_work(runs, at).await? {
        return Ok(None);
    }
    let entry = history.table.route_at(at, None).await?;
    let recorded = told(entry.as_ref());
    if recorded.as_ref() == Some(&now.route) {
        if now.route != endpoint.route {
            // The observer has seen something else: one of the two is late.
            suspects.look_again(at, &now.route);
            return Ok(None);
        }
        suspects.clear(at);
        return Ok(recorded);
    }
    let ours = Ours::within(runs, at, history.now(), OURS_MS).await?;
    let is_former = ours.superseded(&now.route).is_some() || suspects.has_left(at, &now.route);
    let looks = if is_former { place.patience.looks() } else { suspect::LOOKS_MIN };
    if suspects.look(at, &now.route, looks) == Believed::NotYet {
        return Ok(None);
    }
    // Where it is not known what came of what the console sent, this tells.
    let sender = ours.sender(&now.route).filter(|_| !is_former);
    let draft = match sender {
        Some(run) => facts::routed(&run.operation, &run.person, &now.route, history.now()),
        None => facts::observed(at, &now.route, entry.map(|entry| entry.after), history.now()),
    };
    history.record(draft).await?;
    suspects.settle(at, recorded, place.patience.total());
    Ok(Some(now.route).filter(|route| *route == endpoint.route))
}

async fn is_at_work(runs: &Runs, at: &EndpointKey) -> Result<bool, LedgerError> {
    Ok(runs.open().await?.iter().any(|open| open.operation.endpoint == *at))
}
