//! Reads what a plan needs: an endpoint with Azure's own bodies and, for a release, the resources around it. Pages
//! use what the observer has read; decisions read again.

use crate::azure::resource_id::{ACTION_GROUP, ResourceId};
use crate::azure::{self, endpoints};
use crate::planner::file::{Files, Label};
use crate::planner::observed::Found;
use crate::planner::observed::{Live, Observed, Presence, Watch};
use crate::planner::pinned::Pinned;
use crate::planner::{alert, monitor};
use crate::stages;
use crate::stages::StageContext;
use domain::endpoint::Endpoint;
use domain::infra::Infra;
use domain::intent::Intent;
use domain::name::EndpointName;
use domain::release::Definition;
use domain::release::environment::EnvironmentName;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The reads that a plan is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The observer's reads. They cost no requests, however many people view the plan.
    Shared,
    /// New reads, for decisions.
    Fresh,
}

/// Reads an endpoint; `None` when it does not exist.
pub async fn endpoint(
    place: &StageContext,
    at: &EndpointKey,
    reads: Reads,
) -> Result<Option<Live>, azure::Error> {
    match (reads, observed(place, at)) {
        (Reads::Shared, Some(live)) => Ok(Some(live)),
        // The endpoint may be newer than the observer's last round, or the console has just started.
        (Reads::Shared, None) => {
            place.observer.look_for(&at.endpoint).await;
            match observed(place, at) {
                Some(live) => Ok(Some(live)),
                None if place.observer.now().freshness.is_fresh() => Ok(None),
                None => now(place, at).await,
            }
        }
        (Reads::Fresh, _) => now(place, at).await,
    }
}

fn observed(place: &StageContext, at: &EndpointKey) -> Option<Live> {
    let seen = place.observer.now();
    let endpoint = Arc::clone(seen.endpoints.get(&at.endpoint)?);
    Some(Live::with(endpoint, seen.bodies.get(&at.endpoint)?))
}

async fn now(place: &StageContext, at: &EndpointKey) -> Result<Option<Live>, azure::Error> {
    let read = match endpoints::get(&place.arm, &place.workspace, at).await {
        // The observer saw the endpoint in its last round. Only a list without it confirms the deletion.
        Err(azure::Error::NotFound(_)) if place.observer.knows(at) => {
            let why = format!("{} was not found, although it existed a moment ago", at.endpoint);
            return Err(azure::Error::Unavailable(why));
        }
        Err(azure::Error::NotFound(_)) => return Ok(None),
        read => read?,
    };
    let known = place.observer.now();
    let known = known.endpoints.get(&at.endpoint);
    let mut endpoint = read.endpoint;
    let (mut bodies, mut all) = (Vec::new(), Vec::new());
    for (one, body) in stages::read_with_bodies(place, at, known.map(AsRef::as_ref)).await? {
        bodies.push((one.name.clone(), Arc::new(body.value())));
        all.push(one);
    }
    endpoint.deployments = all;
    Ok(Some(Live {
        body: Some(Arc::new(read.body)),
        deployments: bodies.into_iter().collect(),
        ..Live::of(Arc::new(endpoint))
    }))
}

/// The state of an endpoint and of the resources around it.
#[derive(Debug, Default)]
pub struct Around {
    pub observed: Observed,
    /// The missing destinations of logs and alerts, in words; `None` when they could not be looked up.
    pub nowhere: Option<Vec<String>>,
    /// What could not be looked up, in words. Changes store and compare these words, so do not edit them.
    pub unknown: Vec<String>,
}

impl Around {
    /// Only the endpoint, which is all that a direct intent needs.
    #[must_use]
    pub fn alone(place: &StageContext, live: Option<Live>) -> Self {
        let observed = live.map(Observed::of).unwrap_or_default().marking(place.arm.marks());
        Self { observed, ..Self::default() }
    }

    /// The endpoint; `None` if it does not exist.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.observed.endpoints.values().next().map(|live| &live.endpoint)
    }
}

/// Reads what planning an intent needs besides its endpoint.
pub async fn beside(
    place: &StageContext,
    intent: &Pinned,
    live: Option<Live>,
    now: Timestamp,
) -> Around {
    match (intent, at(intent)) {
        (Intent::Release { release }, Some(at)) => {
            let beside = Beside { infra: release.infra.as_ref(), files: &release.files };
            around(place, &at, live, beside, now).await
        }
        _ => Around::alone(place, live),
    }
}

/// The endpoint of an intent; `None` for a build, or while a release does not name its stage and endpoint.
#[must_use]
pub fn at(intent: &Pinned) -> Option<EndpointKey> {
    let Intent::Release { release } = intent else { return intent.at().cloned() };
    let Some(Definition::Deploy(deploy)) = &release.release.definition else { return None };
    let stage = deploy.environment.known().and_then(EnvironmentName::stage)?;
    Some(EndpointKey { stage, endpoint: deploy.endpoint_name.known()?.clone() })
}

/// The files of a release.
#[derive(Debug, Clone, Copy)]
struct Beside<'a> {
    infra: Option<&'a Infra>,
    files: &'a Files,
}

/// The labels in files, such as `azureml:nbq@latest`.
pub fn labels<'a>(files: impl IntoIterator<Item = &'a Files>) -> BTreeSet<Label> {
    let all = files.into_iter().flat_map(Files::values);
    all.flat_map(|file| file.labels.iter().cloned()).collect()
}

/// Looks up an endpoint's region, log destination, action group, monitoring and newest asset versions.
async fn around(
    place: &StageContext,
    at: &EndpointKey,
    live: Option<Live>,
    beside: Beside<'_>,
    now: Timestamp,
) -> Around {
    let Beside { infra, files } = beside;
    let group = infra.map(|infra| infra.action_group.name.as_str());
    let (location, logs, group_found) =
        futures::join!(place.location(now), place.log_analytics(now), async {
            match group {
                Some(name) => place.action_group(name, now).await,
                None => None,
            }
        },);
    let mut unknown = Vec::new();
    let mut told = |is_known: bool, what: &str| {
        if !is_known {
            unknown.push(what.to_owned());
        }
    };
    told(location.is_some(), "the workspace's region");
    told(logs.is_some(), "where logs go");
    told(group.is_none() || group_found.is_some(), "whom alerts call");
    let labels = labels([files]);
    let (watch, newest) =
        futures::join!(watched(place, &at.endpoint, now), place.newest(&labels, now));
    told(watch.diagnostics != Presence::Unknown, "the endpoint's diagnostic settings");
    told(watch.alert != Presence::Unknown, "the endpoint's alert rule");
    for label in labels.iter().filter(|label| !newest.contains_key(label)) {
        told(false, &format!("which version {} is", label.written()));
    }
    let nowhere = nowhere(logs.as_ref(), group, group_found.as_ref());
    // The id goes into an alert rule, so it must be the id of an action group.
    let id = |body: Arc<serde_json::Value>| {
        let id = ResourceId::parse(body.get("id")?.as_str()?, ACTION_GROUP).ok()?;
        Some(id.to_string())
    };
    let of_endpoint = live.map(Observed::of).unwrap_or_default().marking(place.arm.marks());
    let observed = Observed {
        location: location.map(|at| at.to_string()).or_else(|| infra?.location.clone()),
        log_analytics: logs.flatten().map(|id| id.to_string()),
        action_group: group_found.flatten().and_then(id),
        storage_account: infra.map(|infra| infra.storage_account.name.clone()),
        watched: BTreeMap::from([(at.endpoint.clone(), watch)]),
        newest,
        ..of_endpoint
    };
    Around { observed, nowhere, unknown }
}

/// The missing destinations of logs and alerts, in words; `None` when they could not be looked up.
fn nowhere(
    logs: Option<&Option<ResourceId>>,
    group: Option<&str>,
    group_found: Option<&Option<Arc<serde_json::Value>>>,
) -> Option<Vec<String>> {
    let mut nowhere = Vec::new();
    if logs == Some(&None) {
        nowhere.push(
            "a Log Analytics workspace behind the workspace's Application Insights".to_owned(),
        );
    }
    if let (Some(None), Some(name)) = (group_found, group) {
        nowhere.push(format!("the action group {name}"));
    }
    let is_known = logs.is_some() && group_found.is_some();
    (is_known || !nowhere.is_empty()).then_some(nowhere)
}

/// Reads what watches an endpoint. The alert rule may exist before the endpoint does.
async fn watched(place: &StageContext, name: &EndpointName, now: Timestamp) -> Watch {
    let (settings, rule) = (monitor::settings_name(name), alert::alert_name(name));
    let (diagnostics, alert): (Found, Found) =
        futures::join!(place.diagnostics(name, &settings, now), place.alert(&rule, now));
    Watch { diagnostics: diagnostics.into(), alert: alert.into() }
}
