//! The observer's loop and one round of it.

use super::bodies::{Bodies, Body};
use super::phase;
use super::{Observation, Observer, RoundTime};
use crate::azure::{deployments, endpoints, operation};
use crate::clock::Clock;
use crate::stages::Place;
use app::domain::diagnosis::Failure;
use app::domain::endpoint::{Deployment, Endpoint};
use app::domain::log::Container;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::provisioning::ProvisioningState;
use app::domain::stage::{EndpointKey, Freshness};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Reads under way at once.
const READS_AT_ONCE: usize = 8;
/// Endpoints that nobody looks at, read again per round.
const OTHERS_PER_ROUND: usize = 10;
/// Fewer reads left than this, and rounds become rare.
const READS_LEFT_LOW: i64 = 500;
/// Last lines of a failed deployment's containers that are looked through for the cause.
const LINES: u32 = 100;
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

/// What a round saw of one endpoint.
type Seen = (Arc<Endpoint>, Arc<Bodies>);

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

async fn round(
    place: &Place,
    turn: &mut usize,
) -> Result<BTreeMap<EndpointName, Seen>, crate::azure::Error> {
    let known = place.observer.now();
    let listed = endpoints::list(&place.arm, &place.workspace, &place.stage.name).await?;
    let others = listed.len().max(1);
    let first = *turn % others;
    *turn = (first + OTHERS_PER_ROUND) % others;
    let reads = listed.into_iter().enumerate().map(|(index, read)| {
        let mut endpoint = read.endpoint;
        let name = endpoint.key.endpoint.clone();
        let before = known.endpoints.get(&name).cloned();
        let bodies_before = known.bodies.get(&name).cloned();
        let in_turn = (index + others - first) % others < OTHERS_PER_ROUND;
        async move {
            let keep = before.as_ref().filter(|b| !in_turn && !matters(place, b, &endpoint));
            let mut bodies = Bodies { endpoint: Body::new(&read.body), ..Bodies::default() };
            if let Some((before, then)) = keep.zip(bodies_before) {
                endpoint.deployments = before.deployments.clone();
                bodies.deployments = then.deployments.clone();
            } else {
                for one in read_with_bodies(place, &endpoint.key, before.as_deref()).await? {
                    bodies.deployments.insert(one.0.name.clone(), one.1);
                    endpoint.deployments.push(one.0);
                }
            }
            Ok::<_, crate::azure::Error>((name, (Arc::new(endpoint), Arc::new(bodies))))
        }
    });
    // Collected first: a lazy iterator of closures would borrow across the await.
    let reads: Vec<_> = reads.collect();
    stream::iter(reads).buffer_unordered(READS_AT_ONCE).try_collect().await
}

/// Whether an endpoint's deployments are read this round.
fn matters(place: &Place, before: &Endpoint, now: &Endpoint) -> bool {
    place.observer.is_watched(&now.key.endpoint)
        || now.state != before.state
        || now.state.is_busy()
        || now.route != before.route
        || before.deployments.iter().any(|deployment| deployment.state.is_busy())
}

/// Reads an endpoint's deployments, with phases of those being made and reasons of those that failed.
///
/// # Errors
/// [`crate::azure::Error`].
pub(crate) async fn read_deployments(
    place: &Place,
    key: &EndpointKey,
    before: Option<&Endpoint>,
) -> Result<Vec<Deployment>, crate::azure::Error> {
    let all = read_with_bodies(place, key, before).await?;
    Ok(all.into_iter().map(|(deployment, _)| deployment).collect())
}

/// The same, with Azure's own bodies.
///
/// # Errors
/// [`crate::azure::Error`].
pub(crate) async fn read_with_bodies(
    place: &Place,
    key: &EndpointKey,
    before: Option<&Endpoint>,
) -> Result<Vec<(Deployment, Body)>, crate::azure::Error> {
    let listed = match deployments::list(&place.arm, &place.workspace, &key.endpoint).await {
        // It was deleted between the two reads.
        Err(crate::azure::Error::NotFound(_)) => return Ok(Vec::new()),
        listed => listed?,
    };
    let seen = place.observer.now();
    let bodies = seen.bodies.get(&key.endpoint);
    let shown = seen.endpoints.get(&key.endpoint);
    let mut all = Vec::with_capacity(listed.len());
    for read in with_unlisted(place, key, listed, shown.map(AsRef::as_ref)).await? {
        let mut deployment = read.deployment;
        let body = Body::new(&read.body);
        if of_list_only(place, key, shown.map(AsRef::as_ref), &deployment.name, &body) {
            continue;
        }
        let of_known = bodies.and_then(|bodies| bodies.deployments.get(&deployment.name));
        let of_known = of_known.zip(shown.and_then(|shown| shown.deployment(&deployment.name)));
        if let Some((known_body, known)) = of_known {
            let one = (key.endpoint.clone(), deployment.name.clone());
            let at_most = place.observer.patience.total();
            let mut held = super::lock(&place.observer.deployments_held);
            if held.keeps(&one, &body, known_body, at_most) {
                all.push((known.clone(), known_body.clone()));
                continue;
            }
        }
        let known = before.and_then(|endpoint| endpoint.deployment(&deployment.name));
        if matches!(deployment.state, ProvisioningState::Creating | ProvisioningState::Updating) {
            deployment.phase = phase::observe(place, key, &deployment, known).await;
        }
        if deployment.state == ProvisioningState::Failed {
            deployment.failure = known.and_then(|known| known.failure.clone());
            if let (None, Some(at)) = (&deployment.failure, read.operation) {
                deployment.failure = failure(place, key, &deployment.name, &at).await;
            }
        }
        all.push((deployment, body));
    }
    Ok(all)
}

/// Whether a list still shows a deployment that was seen to be gone.
fn of_list_only(
    place: &Place,
    key: &EndpointKey,
    shown: Option<&Endpoint>,
    name: &DeploymentName,
    body: &Body,
) -> bool {
    let is_shown = shown.is_some_and(|shown| shown.deployment(name).is_some());
    let at_most = place.observer.patience.total();
    !is_shown && super::lock(&place.observer.gone).has(&key.endpoint, name, body, at_most)
}

/// With deployments that are known and not listed, where they are still there when they are asked for by name:
/// lists may lag behind items.
async fn with_unlisted(
    place: &Place,
    key: &EndpointKey,
    mut listed: Vec<deployments::Read>,
    shown: Option<&Endpoint>,
) -> Result<Vec<deployments::Read>, crate::azure::Error> {
    let known = shown.map(|shown| shown.deployments.as_slice()).unwrap_or_default();
    let is_listed = |name: &DeploymentName, listed: &[deployments::Read]| {
        listed.iter().any(|read| read.deployment.name == *name)
    };
    for name in known.iter().map(|known| &known.name) {
        if !is_listed(name, &listed) {
            let (arm, workspace) = (&place.arm, &place.workspace);
            listed.extend(deployments::get(arm, workspace, &key.endpoint, name).await?);
        }
    }
    listed.sort_by(|a, b| a.deployment.name.cmp(&b.deployment.name));
    Ok(listed)
}

/// Why a deployment failed, and what its containers wrote last; a log that cannot be read says nothing.
async fn failure(
    place: &Place,
    key: &EndpointKey,
    name: &DeploymentName,
    at: &str,
) -> Option<Failure> {
    let Ok(operation::Status::Failed { message }) = operation::status(&place.arm, at).await else {
        return None;
    };
    let read = |container| {
        let (arm, workspace, endpoint) = (&place.arm, &place.workspace, &key.endpoint);
        deployments::log(arm, workspace, endpoint, name, container, LINES)
    };
    let mut log = read(Container::StorageInitializer).await.unwrap_or_default();
    log.extend(read(Container::InferenceServer).await.unwrap_or_default());
    Some(Failure::new(message, &log))
}
