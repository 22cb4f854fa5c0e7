//! Plans releases on the observed state of their endpoints.

use super::releases::Shown;
use super::{SignedIn, release_drift};
use crate::error::from_azure;
use crate::planner::Planned;
use crate::planner::observed::Live;
use crate::planner::pinned::PinnedRelease;
use crate::runs::plan::Judged;
use crate::runs::reading::{self, Reads};
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::Result;
use domain::endpoint::Endpoint;
use domain::intent::Intent;
use domain::release::Release;
use domain::release::input::Given;

impl Shown {
    /// The release on a stage, with everything that planning it needs.
    pub(super) fn pinned(&self, place: &StageContext) -> PinnedRelease {
        let defined = &self.view.defined;
        let revision = self.view.repository.revision.clone();
        let release = on_stage(place, &defined.release);
        PinnedRelease {
            commit: revision.and_then(|revision| revision.commit),
            infra: defined.infra.clone(),
            built: self.built.clone(),
            ..PinnedRelease::new(defined.id.clone(), release, self.files.clone())
        }
    }
}

impl SignedIn {
    /// A release's plan; `None` if the release does not name its stage.
    pub(super) async fn plan_of_release(&self, found: &Shown) -> Result<Option<Planned>> {
        let defined = &found.view.defined;
        let Some(stage) = &defined.stage else { return Ok(None) };
        let place = self.services.stages.get(stage)?;
        let live = match (&found.live, release_drift::endpoint_of(defined)) {
            (Some(live), Some(_)) => Some(live.clone()),
            (None, Some(key)) => {
                self.may_read()?;
                let read = reading::endpoint(place, &key, Reads::Fresh).await;
                read.map_err(|error| from_azure(&error))?
            }
            (_, None) => None,
        };
        Ok(self.plan_at(place, live, found.pinned(place)).await)
    }

    /// The plan of a release on a stage; `None` if the release cannot be planned.
    pub(super) async fn plan_at(
        &self,
        place: &StageContext,
        live: Option<Live>,
        release: PinnedRelease,
    ) -> Option<Planned> {
        let intent = Intent::Release { release: Box::new(release) };
        let around = reading::beside(place, &intent, live, self.services.clock.now()).await;
        let runs = &self.services.operations;
        // If there is no plan, the release's own problems and questions say why.
        runs.plan(place, &intent, &around, Judged::ByEverything).await.ok()
    }
}

/// The release with the stage's name as its environment: GitHub's environment may have another name.
pub(super) fn on_stage(place: &StageContext, release: &Release) -> Release {
    let stage = [("environment".to_owned(), Given::text(place.stage.name.as_str()))];
    release.with(&stage.into_iter().collect())
}

/// Reads an endpoint with its response bodies from Azure: a plan compares every field.
pub(super) async fn live(place: &StageContext, endpoint: &Endpoint) -> Result<Live> {
    let name = &endpoint.key.endpoint;
    let read = reading::endpoint(place, &endpoint.key, Reads::Fresh).await;
    read.map_err(|error| from_azure(&error))?.ok_or_else(|| {
        ConsoleError::NotFound(format!(
            "The endpoint {name} does not exist any more. The overview lists the endpoints."
        ))
    })
}
