//! One round of an observer.

use super::phase;
use crate::azure::{deployments, endpoints, operation};
use crate::planner::bodies::{Bodies, Body};
use crate::redact::{self, Values};
use crate::stages::StageContext;
use domain::diagnosis::Failure;
use domain::endpoint::{Deployment, Endpoint};
use domain::log::Container;
use domain::name::{DeploymentName, EndpointName};
use domain::provisioning::ProvisioningState;
use domain::stage::EndpointKey;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Maximum number of concurrent reads.
const READS_AT_ONCE: usize = 8;
/// Number of unwatched endpoints whose deployments are read per round.
const OTHERS_PER_ROUND: usize = 10;
/// Number of lines at the end of a failed deployment's logs that are searched for the cause.
const LINES: u32 = 100;

/// One endpoint as a round has read it.
pub(super) type Seen = (Arc<Endpoint>, Arc<Bodies>);

/// Reads a stage once.
pub(super) async fn round(
    place: &StageContext,
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

/// Whether to read an endpoint's deployments in this round.
fn matters(place: &StageContext, before: &Endpoint, now: &Endpoint) -> bool {
    place.observer.is_watched(&now.key.endpoint)
        || now.state != before.state
        || now.state.is_busy()
        || now.route != before.route
        || before.deployments.iter().any(|deployment| deployment.state.is_busy())
}

/// Reads an endpoint's deployments, with the phases of those being created and the failures of those that failed.
pub(crate) async fn read_deployments(
    place: &StageContext,
    key: &EndpointKey,
    before: Option<&Endpoint>,
) -> Result<Vec<Deployment>, crate::azure::Error> {
    let all = read_with_bodies(place, key, before).await?;
    Ok(all.into_iter().map(|(deployment, _)| deployment).collect())
}

/// [`read_deployments`] with Azure's bodies.
///
/// # Errors
/// [`crate::azure::Error`].
pub(crate) async fn read_with_bodies(
    place: &StageContext,
    key: &EndpointKey,
    before: Option<&Endpoint>,
) -> Result<Vec<(Deployment, Body)>, crate::azure::Error> {
    let listed = match deployments::list(&place.arm, &place.workspace, &key.endpoint).await {
        // The endpoint was deleted between the two reads.
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

/// Whether a list still shows a deployment that is known to be deleted.
fn of_list_only(
    place: &StageContext,
    key: &EndpointKey,
    shown: Option<&Endpoint>,
    name: &DeploymentName,
    body: &Body,
) -> bool {
    let is_shown = shown.is_some_and(|shown| shown.deployment(name).is_some());
    let at_most = place.observer.patience.total();
    !is_shown && super::lock(&place.observer.gone).has(&key.endpoint, name, body, at_most)
}

/// Adds known deployments that the list lacks but that still exist when read by name, because lists may lag behind.
async fn with_unlisted(
    place: &StageContext,
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

/// Why a deployment failed, with the last lines of its containers' logs. Unreadable logs are left out.
async fn failure(
    place: &StageContext,
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
