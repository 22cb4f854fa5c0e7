//! An observer's loop: round after round, with the time that each may take, and what is published of it.

use super::bodies::Bodies;
use super::round::{Seen, round};
use super::{Observation, Observer, RoundTime};
use crate::clock::Clock;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::name::EndpointName;
use app::domain::stage::Freshness;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Fewer reads left than this, and rounds become rare.
const READS_LEFT_LOW: i64 = 500;
/// Longest pause after failures.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Reads a stage, round after round. Never ends; abort the task.
pub async fn run(place: Arc<Place>, clock: Clock) {
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
                // Some of it may have been read as early as that.
                publish(observer, Freshness::Fresh { at: began }, Some(seen));
                if place.arm.reads_left() < READS_LEFT_LOW {
                    pause = pause.max(Duration::from_secs(30));
                }
            }
            Ok((seen, Some(slow))) => {
                failures = 0;
                let reason = format!("{slow}, so that this may have changed since.");
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

/// One round, which has its time. What took longer than a fresh one may comes with a sentence that says so; while it
/// takes longer, pages are told.
async fn timed(
    place: &Place,
    turn: &mut usize,
) -> Result<(BTreeMap<EndpointName, Seen>, Option<String>), crate::azure::Error> {
    let RoundTime { fresh, whole } = place.observer.round_time;
    // Boxed: a round holds many requests.
    let mut reading = Box::pin(round(place, turn));
    if let Ok(read) = tokio::time::timeout(fresh, &mut reading).await {
        return Ok((read?, None));
    }
    let slow = format!("Azure took longer than {} s to answer", fresh.as_secs_f32());
    tracing::warn!(stage = %place.stage.name, "{slow}");
    publish_stale(&place.observer, format!("{slow}. The console keeps reading."));
    match tokio::time::timeout(whole.saturating_sub(fresh), reading).await {
        Ok(read) => Ok((read?, Some(slow))),
        Err(_) => {
            let message = format!("a stage was not read within {} s", whole.as_secs_f32());
            Err(crate::azure::Error::Unavailable(message))
        }
    }
}

/// What is known stays, and is as old as it is.
fn publish_stale(observer: &Observer, reason: String) {
    let since = match observer.now().freshness {
        Freshness::Fresh { at } => Some(at),
        Freshness::Stale { since, .. } => since,
        Freshness::Waiting => None,
    };
    publish(observer, Freshness::Stale { since, reason }, None);
}

/// The pause after a round, whatever people ask for: a fifth of the interval, and more while Azure cannot be read.
fn pause_min(interval: Duration, failures: u32) -> Duration {
    interval * (failures + 1).min(5) / 5
}

/// Publishes; an observation that says nothing new wakes nobody. Bodies alone are no news: what pages show
/// live is in the endpoints.
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

/// What was read of an endpoint; or what is known of it, with the deployments that were read, where the read is
/// from before that.
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
