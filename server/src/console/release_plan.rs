//! Planning a release: on its endpoint as observed, and on what is known around it.

use super::error::from_azure;
use super::releases::Shown;
use super::{SignedIn, standing};
use crate::azure::{Error, deployments, endpoints};
use crate::observe::facts::Needs;
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Planned, Wish, monitor, plan};
use crate::stages::Place;
use app::domain::infra::Infra;
use app::domain::release::input::Given;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::port::Result;
use std::sync::Arc;

impl SignedIn {
    /// A release's plan; `None` when it does not tell what it is for.
    pub(super) async fn plan_of_release(&self, found: &Shown) -> Result<Option<Planned>> {
        let defined = &found.view.defined;
        let Some(stage) = &defined.stage else { return Ok(None) };
        let place = self.services.stages.get(stage)?;
        let now = self.services.clock.now();
        let mut around = around(place, defined.infra.as_ref(), now).await;
        if let Some(key) = standing::endpoint_of(defined) {
            let live = match &found.live {
                Some(live) => Some(live.clone()),
                None => read(place, &key).await?,
            };
            if let Some(live) = live {
                let live = watched(place, live, now).await;
                around.observed.endpoints.insert(key.endpoint, live);
            }
        }
        // The plan is for the stage, whatever GitHub calls its environment.
        let stage = [("environment".to_owned(), Given::text(stage.as_str()))];
        let release = defined.release.with(&stage.into_iter().collect());
        let wish = Wish::Release { release: &release, files: &found.files };
        let needs = Needs { image: found.built.clone(), ..wish.needs() };
        let endpoint = around.observed.endpoints.values().next().map(|live| &live.endpoint);
        let mut facts = place.facts(&needs, endpoint.map(AsRef::as_ref), now).await;
        facts.nowhere = around.nowhere;
        // Why there is none, the release's own problems and questions say.
        Ok(plan(&wish, &around.observed, &facts).ok())
    }
}

/// What is known around an endpoint.
struct Around {
    observed: Observed,
    nowhere: Option<Vec<String>>,
}

/// Where endpoints are, where logs go and whom alerts call.
async fn around(place: &Place, infra: Option<&Infra>, now: Timestamp) -> Around {
    let group = infra.map(|infra| infra.action_group.name.as_str());
    let (location, logs, group_found) =
        futures::join!(place.location(now), place.log_analytics(now), async {
            match group {
                Some(name) => place.action_group(name, now).await,
                None => None,
            }
        },);
    let mut nowhere = Vec::new();
    if logs == Some(None) {
        nowhere.push(
            "a Log Analytics workspace behind the workspace's Application Insights".to_owned(),
        );
    }
    if let (Some(None), Some(name)) = (&group_found, group) {
        nowhere.push(format!("the action group {name}"));
    }
    let is_known = logs.is_some() && group_found.is_some();
    let id = |body: Arc<serde_json::Value>| body.get("id")?.as_str().map(str::to_owned);
    let observed = Observed {
        location: location.or_else(|| infra?.location.clone()),
        log_analytics: logs.flatten(),
        action_group: group_found.flatten().and_then(id),
        ..Observed::default()
    };
    Around { observed, nowhere: (is_known || !nowhere.is_empty()).then_some(nowhere) }
}

/// With what watches it.
async fn watched(place: &Place, live: Live, now: Timestamp) -> Live {
    let name = &live.endpoint.key.endpoint;
    let (settings, rule) = (monitor::settings_name(name), monitor::alert_name(name));
    let (diagnostics, alert) =
        futures::join!(place.diagnostics(name, &settings, now), place.alert(&rule, now));
    Live { diagnostics: diagnostics.into(), alert: alert.into(), ..live }
}

/// An endpoint that was not observed is asked for: it may be newer than the last round, or the console may
/// have just started. `None` when it is not there.
async fn read(place: &Place, key: &EndpointKey) -> Result<Option<Live>> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    let read = match endpoints::get(arm, workspace, key).await {
        Err(Error::NotFound(_)) => return Ok(None),
        read => read.map_err(|error| from_azure(&error))?,
    };
    let listed = deployments::list(arm, workspace, &key.endpoint).await;
    let listed = listed.map_err(|error| from_azure(&error))?;
    let mut endpoint = read.endpoint;
    endpoint.deployments = listed.iter().map(|read| read.deployment.clone()).collect();
    let bodies = listed.into_iter().map(|read| (read.deployment.name, Arc::new(read.body)));
    Ok(Some(Live {
        body: Some(Arc::new(read.body)),
        deployments: bodies.collect(),
        ..Live::of(Arc::new(endpoint))
    }))
}
