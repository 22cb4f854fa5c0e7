//! An observer's loop: runs rounds with their time limits and publishes the results.

use super::round::{Seen, round};
use super::{Observation, Observer, RoundTime};
use crate::clock::Clock;
use crate::planner::bodies::Bodies;
use crate::stages::StageContext;
use domain::endpoint::Endpoint;
use domain::name::EndpointName;
use domain::stage::Freshness;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// With fewer ARM reads left than this, rounds run every 30 seconds at most.
const READS_LEFT_LOW: i64 = 500;
/// Maximum pause after failures.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Reads a stage in rounds. Never returns; abort the task.
pub async fn run(place: Arc<StageContext>, clock: Clock) {
    let observer = &place.observer;
    let mut failures = 0_u32;
    let mut turn = 0_usize;
    loop {
        let mut pause = observer.interval;
        observer.rounds.send_modify(|rounds| rounds.begun += 1);
        let began = clock.now();
        match timed(&place, &mut turn).await {
            Ok((seen, None)) => {
                failures = 0;
                // The time of the begin, because parts were read that early.
                publish(observer, Freshness::Fresh { at: began }, Some(seen));
                if place.arm.reads_left() < READS_LEFT_LOW {
                    pause = pause.max(Duration::from_secs(30));
                }
            }
            Ok((seen, Some(slow))) => {
                failures = 0;
                let reason = format!("{slow}, so this may have changed since.");
                publish(observer, Freshness::Stale { since: Some(began), reason }, Some(seen));
            }
            Err(error) => {
                failures += 1;
                pause = (pause * 2_u32.saturating_pow(failures.min(8))).min(PAUSE_MAX).max(pause);
                tracing::warn!(stage = %place.stage.name, failures, %error, "a stage cannot be read");
                publish_stale(observer, format!("{error}. The console keeps trying."));
            }
        }
        observer.rounds.send_modify(|rounds| rounds.ended = rounds.begun);
        let least = pause_min(observer.interval, failures);
        tokio::time::sleep(least).await;
        tokio::select! {
            () = tokio::time::sleep(pause.saturating_sub(least)) => {}
            () = observer.poke.notified() => {}
        }
    }
}

/// One round with its time limits. A round that exceeds `fresh` makes the shown state stale while it runs, and comes
/// with a sentence that says so.
async fn timed(
    place: &StageContext,
    turn: &mut usize,
) -> Result<(BTreeMap<EndpointName, Seen>, Option<String>), crate::azure::Error> {
    let RoundTime { fresh, whole } = place.observer.round_time;
    // Boxed, because a round holds many requests.
    let mut reading = Box::pin(round(place, turn));
    if let Ok(read) = tokio::time::timeout(fresh, &mut reading).await {
        return Ok((read?, None));
    }
    let slow = format!("Azure took longer than {} s to respond", fresh.as_secs_f32());
    tracing::warn!(stage = %place.stage.name, "{slow}");
    publish_stale(&place.observer, format!("{slow}. The console keeps reading."));
    match tokio::time::timeout(whole.saturating_sub(fresh), reading).await {
        Ok(read) => Ok((read?, Some(slow))),
        Err(_) => {
            let message = format!("the stage could not be read within {} s", whole.as_secs_f32());
            Err(crate::azure::Error::Unavailable(message))
        }
    }
}

/// Marks the known state as stale, since the time at which it was read.
fn publish_stale(observer: &Observer, reason: String) {
    let since = match observer.now().freshness {
        Freshness::Fresh { at } => Some(at),
        Freshness::Stale { since, .. } => since,
        Freshness::Waiting => None,
    };
    publish(observer, Freshness::Stale { since, reason }, None);
}

/// The minimum pause after a round, even if a page requests the next: a fifth of the interval, and more after failures.
fn pause_min(interval: Duration, failures: u32) -> Duration {
    interval * (failures + 1).min(5) / 5
}

/// Publishes an observation, and wakes subscribers only if it differs. Bodies alone do not count, because the live
/// pages show the endpoints only.
fn publish(observer: &Observer, freshness: Freshness, all: Option<BTreeMap<EndpointName, Seen>>) {
    observer.seen.send_if_modified(|seen| {
        let (mut endpoints, mut bodies) = (BTreeMap::new(), BTreeMap::new());
        match all {
            Some(all) => {
                for (name, read) in all {
                    let (endpoint, body) = newest(observer, seen, &name, read);
                    if let Some(before) = seen.bodies.get(&name) {
                        super::lock(&observer.gone).learn(&name, before, &body);
                    }
                    endpoints.insert(name.clone(), endpoint);
                    bodies.insert(name, body);
                }
            }
            None => (endpoints, bodies) = (seen.endpoints.clone(), seen.bodies.clone()),
        }
        let both_fresh = matches!(
            (&seen.freshness, &freshness),
            (Freshness::Fresh { .. }, Freshness::Fresh { .. })
        );
        let news = endpoints != seen.endpoints || !(both_fresh || seen.freshness == freshness);
        *seen = Arc::new(Observation { freshness, endpoints, bodies });
        news
    });
}

/// The endpoint as read. If the read is outdated, the known endpoint with the deployments as read.
fn newest(observer: &Observer, known: &Observation, name: &EndpointName, read: Seen) -> Seen {
    let Some((endpoint, bodies)) = known.endpoints.get(name).zip(known.bodies.get(name)) else {
        return read;
    };
    let at_most = observer.patience.total();
    let mut held = super::lock(&observer.endpoints_held);
    if !held.keeps(name, &read.1.endpoint, &bodies.endpoint, at_most) {
        return read;
    }
    let deployments = read.0.deployments.clone();
    let endpoint = Endpoint { deployments, ..Endpoint::clone(endpoint) };
    let bodies = Bodies { endpoint: bodies.endpoint.clone(), ..Bodies::clone(&read.1) };
    (Arc::new(endpoint), Arc::new(bodies))
}
