//! One round of an observer: what it reads of a stage.

use super::bodies::{Bodies, Body};
use super::phase;
use crate::azure::{deployments, endpoints, operation};
use crate::redact::{self, Values};
use crate::stages::Place;
use app::domain::diagnosis::Failure;
use app::domain::endpoint::{Deployment, Endpoint};
use app::domain::log::Container;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::provisioning::ProvisioningState;
use app::domain::stage::EndpointKey;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads under way at once.
const READS_AT_ONCE: usize = 8;
/// Endpoints that nobody looks at, read again per round.
const OTHERS_PER_ROUND: usize = 10;
/// Last lines of a failed deployment's containers that are looked through for the cause.
const LINES: u32 = 100;

/// What a round saw of one endpoint.
pub(super) type Seen = (Arc<Endpoint>, Arc<Bodies>);

/// Reads a stage once.
///
/// # Errors
/// [`crate::azure::Error`].
pub(super) async fn round(
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
                let secrets = Values::of_body(&read.body);
                let why = failure(place, key, &deployment.name, &at);
                deployment.failure = redact::within(secrets, why).await;
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
