//! Records changes made outside the console: a route that Azure reports but the ledger does not have is recorded as
//! observed, so that the ledger can answer “what was live at a time”. One task per stage, woken by its observer.
//!
//! Azure may report old and new state by turns for a while (see `patience.rs`), so one read proves nothing. An unknown
//! route is recorded after a second read that agrees. A route that preceded the recorded one, or one that the console
//! has set, is recorded only after the whole time for which reads are doubted. A route that the console has sent is
//! recorded as the console's own, even if its run failed.

mod suspect;

use super::History;
use crate::azure::endpoints;
use crate::entries;
use crate::runs::own_writes::OwnWrites;
use crate::stages::StageContext;
use crate::store::ledger::LedgerError;
use crate::store::runs::Runs;
use domain::endpoint::Endpoint;
use domain::route::Route;
use domain::stage::EndpointKey;
use ledger::entry::Entry;
use std::collections::HashMap;
use std::sync::Arc;
use suspect::{Believed, Suspects};

/// How long after its end a run may still explain a route, in milliseconds.
const OURS_MS: i64 = 600_000;

/// The state of a stage's endpoints.
#[derive(Debug, Default)]
struct Known {
    /// The routes in the ledger.
    recorded: HashMap<EndpointKey, Route>,
    /// Routes that are not in the ledger and need further reads.
    suspects: Suspects,
}

/// Records changes made outside the console. Never returns; abort the task.
pub async fn run(history: Arc<History>, runs: Runs, place: Arc<StageContext>) {
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
                Err(error) => tracing::error!(%error, "an external change could not be recorded"),
            }
        }
        if known.suspects.is_empty() {
            if seen.changed().await.is_err() {
                return;
            }
            continue;
        }
        // Suspects are read again even if the observer sees nothing new.
        known.suspects.retain(|at| endpoints.contains_key(&at.endpoint));
        tokio::time::sleep(place.patience.pause()).await;
        if seen.has_changed().is_err() {
            return;
        }
    }
}

/// The route in an entry.
fn told(entry: Option<&Entry>) -> Option<Route> {
    entry?.after.get(entries::ROUTE).and_then(|text| text.parse().ok())
}

/// Compares an endpoint with the ledger, and records a difference once enough reads agree. Returns the route in
/// the ledger; `None` while further reads are needed.
async fn look(
    history: &History,
    runs: &Runs,
    place: &StageContext,
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
    // The observation may be older than the ledger's entry, so Azure is read now; no run may have begun in
    // between.
    let Ok(read) = endpoints::get(&place.arm, &place.workspace, at).await else { return Ok(None) };
    let now = read.endpoint;
    if now.state.is_busy() || now.route_problem.is_some() || is_at_work(runs, at).await? {
        return Ok(None);
    }
    let entry = history.table.route_at(at, None).await?;
    let recorded = told(entry.as_ref());
    if recorded.as_ref() == Some(&now.route) {
        if now.route != endpoint.route {
            // This read and the observer's disagree, so one of them is outdated.
            suspects.look_again(at, &now.route);
            return Ok(None);
        }
        suspects.clear(at);
        return Ok(recorded);
    }
    let ours = OwnWrites::within(runs, at, history.now(), OURS_MS).await?;
    let is_former = ours.superseded(&now.route).is_some() || suspects.has_left(at, &now.route);
    let looks = if is_former { place.patience.looks() } else { suspect::LOOKS_MIN };
    if suspects.look(at, &now.route, looks) == Believed::NotYet {
        return Ok(None);
    }
    // If a run lost track of a route that it sent, this read settles that the route was set.
    let sender = ours.sender(&now.route).filter(|_| !is_former);
    let draft = match sender {
        Some(run) => entries::routed(&run.operation, &run.person, &now.route, history.now()),
        None => entries::observed(at, &now.route, entry.map(|entry| entry.after), history.now()),
    };
    history.record(draft).await?;
    suspects.settle(at, recorded, place.patience.total());
    Ok(Some(now.route).filter(|route| *route == endpoint.route))
}

async fn is_at_work(runs: &Runs, at: &EndpointKey) -> Result<bool, LedgerError> {
    Ok(runs.open().await?.iter().any(|open| open.operation.target.endpoint() == Some(at)))
}
