//! What is read before something is planned: an endpoint with Azure's own bodies, and, for a release, what is
//! around it. Whoever only looks takes what the observer has read for all; whoever decides has it read now.

use crate::azure::resource_id::{ACTION_GROUP, ResourceId};
use crate::azure::{self, endpoints};
use crate::observe;
use crate::observe::facts::Found;
use crate::operations::plan::file::{Files, Label};
use crate::operations::plan::observed::{Live, Observed, Presence, Watch};
use crate::operations::plan::{alert, monitor};
use crate::stages::Place;
use app::domain::infra::Infra;
use app::domain::name::EndpointName;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whose reads a plan is made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The observer's: they cost Azure nothing, whatever the number of viewers.
    Shared,
    /// Its own, now: for deciding.
    Fresh,
}

/// An endpoint; `None` when it is not there.
///
/// # Errors
/// [`azure::Error`].
pub async fn endpoint(
    place: &Place,
    at: &EndpointKey,
    reads: Reads,
) -> Result<Option<Live>, azure::Error> {
    match (reads, observed(place, at)) {
        (Reads::Shared, Some(live)) => Ok(Some(live)),
        // One that was not observed may be newer than the last round, or the console has just started.
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

fn observed(place: &Place, at: &EndpointKey) -> Option<Live> {
    let seen = place.observer.now();
    let endpoint = Arc::clone(seen.endpoints.get(&at.endpoint)?);
    Some(Live::with(endpoint, seen.bodies.get(&at.endpoint)?))
}

async fn now(place: &Place, at: &EndpointKey) -> Result<Option<Live>, azure::Error> {
    let read = match endpoints::get(&place.arm, &place.workspace, at).await {
        // Where it was seen in the last round, a list without it confirms that it has gone.
        Err(azure::Error::NotFound(_)) if place.observer.knows(at) => {
            let why = format!("{} is not found, and was there a moment ago", at.endpoint);
            return Err(azure::Error::Unavailable(why));
        }
        Err(azure::Error::NotFound(_)) => return Ok(None),
        read => read?,
    };
    let known = place.observer.now();
    let known = known.endpoints.get(&at.endpoint);
    let mut endpoint = read.endpoint;
    let (mut bodies, mut all) = (Vec::new(), Vec::new());
    for (one, body) in observe::read_with_bodies(place, at, known.map(AsRef::as_ref)).await? {
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

/// What is known around an endpoint.
#[derive(Debug, Default)]
pub struct Around {
    /// As the planner takes it.
    pub observed: Observed,
    /// What logs or alerts are to go to and is not there; `None` when nobody could look.
    pub nowhere: Option<Vec<String>>,
    /// What nobody could tell, in words.
    pub unknown: Vec<String>,
}

/// Nothing but an endpoint: all that a direct intent needs.
#[must_use]
pub fn alone(place: &Place, live: Option<Live>) -> Around {
    let observed = live.map(Observed::of).unwrap_or_default().marking(place.arm.marks());
    Around { observed, ..Around::default() }
}

/// What a release brings along.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// Its infra configuration.
    pub infra: Option<&'a Infra>,
    /// Its YAML.
    pub files: &'a Files,
}

/// The labels of files, such as `azureml:nbq@latest`.
pub fn labels<'a>(files: impl IntoIterator<Item = &'a Files>) -> BTreeSet<Label> {
    let all = files.into_iter().flat_map(Files::values);
    all.flat_map(|file| file.labels.iter().cloned()).collect()
}

/// An endpoint with where it is, where its logs go, whom its alerts call, and what watches it.
pub async fn around(
    place: &Place,
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
    // It goes into a rule that calls people: only what can be a group is written there.
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

/// What is not there of what logs and alerts need; `None` when nobody could look.
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

/// What watches an endpoint, also one that is not there: an alert rule may be there before it.
async fn watched(place: &Place, name: &EndpointName, now: Timestamp) -> Watch {
    let (settings, rule) = (monitor::settings_name(name), alert::alert_name(name));
    let (diagnostics, alert): (Found, Found) =
        futures::join!(place.diagnostics(name, &settings, now), place.alert(&rule, now));
    Watch { diagnostics: diagnostics.into(), alert: alert.into() }
}
