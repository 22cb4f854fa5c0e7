//! Planning a release: on its endpoint as observed, and on what is known around it.

use super::error::from_azure;
use super::releases::Shown;
use super::{SignedIn, standing};
use crate::observe::facts::{Built, Needs};
use crate::operations::plan::file::Files;
use crate::operations::plan::observed::Live;
use crate::operations::plan::{Planned, Wish, plan};
use crate::operations::reading::{self, Beside, Reads};
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::infra::Infra;
use app::domain::release::input::Given;
use app::domain::release::{Definition, Release};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::Result;

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
            (None, Some(key)) => {
                self.may_read()?;
                let read = reading::endpoint(place, &key, Reads::Fresh).await;
                read.map_err(|error| from_azure(&error))?
            }
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
        let release = on_stage(place, wanted.release);
        let beside = Beside { infra: wanted.infra, files: wanted.files };
        let around = match endpoint_of(place, &release) {
            Some(at) => reading::around(place, &at, live, beside, now).await,
            None => reading::alone(place, live),
        };
        let wish = Wish::Release { release: &release, files: wanted.files };
        let needs = Needs { image: wanted.built.cloned(), ..wish.needs() };
        let endpoint = around.observed.endpoints.values().next().map(|live| &live.endpoint);
        let runs = &self.services.operations;
        let mut facts = runs.facts(place, &needs, endpoint.map(AsRef::as_ref)).await;
        facts.nowhere = around.nowhere;
        // Why there is none, the release's own problems and questions say.
        plan(&wish, &around.observed, &facts).ok()
    }
}

/// A release as it is planned: for the stage, whatever GitHub calls its environment.
pub(super) fn on_stage(place: &Place, release: &Release) -> Release {
    let stage = [("environment".to_owned(), Given::text(place.stage.name.as_str()))];
    release.with(&stage.into_iter().collect())
}

/// The endpoint that a release is for on a stage; `None` for a build, or while its name is not known.
fn endpoint_of(place: &Place, release: &Release) -> Option<EndpointKey> {
    let Some(Definition::Deploy(deploy)) = &release.definition else { return None };
    let endpoint = deploy.endpoint_name.known()?.clone();
    Some(EndpointKey { stage: place.stage.name.clone(), endpoint })
}

/// An endpoint with Azure's own bodies, read now: a plan compares every field.
pub(super) async fn live(place: &Place, endpoint: &Endpoint) -> Result<Live> {
    let name = &endpoint.key.endpoint;
    let read = reading::endpoint(place, &endpoint.key, Reads::Fresh).await;
    read.map_err(|error| from_azure(&error))?.ok_or_else(|| {
        ConsoleError::NotFound(format!("There is no endpoint {name} any more. Go to the overview."))
    })
}
