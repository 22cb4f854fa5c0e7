//! Planning a release: on its endpoint as observed, and on what is known around it.

use super::error::from_azure;
use super::releases::Shown;
use super::{SignedIn, standing};
use crate::azure::{Error, deployments, endpoints};
use crate::observe::facts::{Built, Needs};
use crate::operations::plan::file::Files;
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Planned, Wish, monitor, plan};
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::infra::Infra;
use app::domain::release::Release;
use app::domain::release::input::Given;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use app::port::Result;
use std::sync::Arc;

/// A release with its rendered files, and the image that it says it deploys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) release: &'a Release,
    pub(super) files: &'a Files,
    pub(super) infra: Option<&'a Infra>,
    pub(super) built: Option<&'a Built>,
}

impl SignedIn {
    /// A release's plan; `None` when it does not tell what it is for.
    pub(super) async fn plan_of_release(&self, found: &Shown) -> Result<Option<Planned>> {
        let defined = &found.view.defined;
        let Some(stage) = &defined.stage else { return Ok(None) };
        let place = self.services.stages.get(stage)?;
        let live = match (&found.live, standing::endpoint_of(defined)) {
            (Some(live), Some(_)) => Some(live.clone()),
            (None, Some(key)) => read(place, &key).await?,
            (_, None) => None,
        };
        let wanted = Wanted {
            release: &defined.release,
            files: &found.files,
            infra: defined.infra.as_ref(),
            built: found.built.as_ref(),
        };
        Ok(self.plan_at(place, live, wanted).await)
    }

    /// The plan of a release on a stage; `None` when there can be none.
    pub(super) async fn plan_at(
        &self,
        place: &Place,
        live: Option<Live>,
        wanted: Wanted<'_>,
    ) -> Option<Planned> {
        let now = self.services.clock.now();
        let mut around = around(place, wanted.infra, now).await;
        if let Some(live) = live {
            let live = watched(place, live, now).await;
            let name = live.endpoint.key.endpoint.clone();
            around.observed.endpoints.insert(name, live);
        }
        // The plan is for the stage, whatever GitHub calls its environment.
        let stage = [("environment".to_owned(), Given::text(place.stage.name.as_str()))];
        let release = wanted.release.with(&stage.into_iter().collect());
        let wish = Wish::Release { release: &release, files: wanted.files };
        let needs = Needs { image: wanted.built.cloned(), ..wish.needs() };
        let endpoint = around.observed.endpoints.values().next().map(|live| &live.endpoint);
        let mut facts = place.facts(&needs, endpoint.map(AsRef::as_ref), now).await;
        facts.nowhere = around.nowhere;
        // Why there is none, the release's own problems and questions say.
        plan(&wish, &around.observed, &facts).ok()
    }
}

/// An endpoint with Azure's own bodies, read now: a plan compares every field.
pub(super) async fn live(place: &Place, endpoint: &Endpoint) -> Result<Live> {
    let name = &endpoint.key.endpoint;
    read(place, &endpoint.key).await?.ok_or_else(|| {
        ConsoleError::NotFound(format!("There is no endpoint {name} any more. Go to the overview."))
    })
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
