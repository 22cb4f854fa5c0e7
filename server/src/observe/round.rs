//! The observer's loop and one round of it.

use super::bodies::{Bodies, Body};
use super::phase;
use super::{Observation, Observer};
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
        match round(&place, &mut turn).await {
            Ok(seen) => {
                failures = 0;
                publish(observer, Freshness::Fresh { at: clock.now() }, Some(seen));
                if place.arm.reads_left() < READS_LEFT_LOW {
                    pause = pause.max(Duration::from_secs(30));
                }
            }
            Err(error) => {
                failures += 1;
                pause = (pause * 2_u32.saturating_pow(failures.min(8))).min(PAUSE_MAX).max(pause);
                tracing::warn!(stage = %place.stage.name, failures, %error, "a stage cannot be read");
                let since = match observer.now().freshness {
                    Freshness::Fresh { at } => Some(at),
                    Freshness::Stale { since, .. } => since,
                    Freshness::Waiting => None,
                };
                let reason = format!("{error}. The console keeps trying.");
                publish(observer, Freshness::Stale { since, reason }, None);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = observer.poke.notified() => {}
        }
    }
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
                for (name, (endpoint, body)) in all {
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
    let mut all = Vec::with_capacity(listed.len());
    for read in listed {
        let mut deployment = read.deployment;
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
        all.push((deployment, Body::new(&read.body)));
    }
    Ok(all)
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
