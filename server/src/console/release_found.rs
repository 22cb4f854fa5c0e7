//! Finds the team's releases for a stage in the repositories.

use super::SignedIn;
use crate::releases::Reader;
use crate::releases::read::{Snapshot, Understood};
use app::port::Result;
use domain::release::deploy::DeployRelease;
use domain::release::{Definition, Template};
use domain::repository::{Reference, ReleaseId};
use domain::stage::EndpointKey;
use std::sync::Arc;

/// A release and its source.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) reader: Arc<Reader>,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) understood: Understood,
    /// The release that builds images for the same stage.
    pub(super) build: Option<ReleaseId>,
}

impl Found {
    /// The definition of a deploy release.
    pub(super) fn deploy(&self) -> Option<&DeployRelease> {
        match &self.understood.defined.release.definition {
            Some(Definition::Deploy(deploy)) => Some(deploy),
            _ => None,
        }
    }

    /// Whether the release is for this endpoint.
    pub(super) fn is_for(&self, at: &EndpointKey) -> bool {
        self.deploy().is_some_and(|it| it.endpoint_name.known() == Some(&at.endpoint))
    }
}

impl SignedIn {
    /// The valid deploy releases of a stage. Releases of this endpoint come first, and among them those with the fewest
    /// missing inputs.
    ///
    /// # Errors
    /// If no repository has the requested reference.
    pub(super) async fn releases_of(
        &self,
        at: &EndpointKey,
        reference: Option<&Reference>,
    ) -> Result<Vec<Found>> {
        let services = &self.services;
        let mut found: Vec<Found> = Vec::new();
        let mut refused = None;
        for reader in &services.repositories {
            let reading = reader.read(reference, &services.clock, false).await;
            let Some(snapshot) = reading.snapshot else {
                refused = Some(super::releases::unread(reading.error));
                continue;
            };
            let here = |one: &&Understood| one.defined.stage.as_ref() == Some(&at.stage);
            let of = |one: &Understood, template| one.defined.release.template == template;
            let all: Vec<_> = snapshot.releases.iter().filter(here).collect();
            let build = all.iter().find(|one| of(one, Template::Build));
            let build = build.map(|one| one.defined.id.clone());
            let sound = all
                .into_iter()
                .filter(|one| of(one, Template::DeployRealtime) && one.defined.problems.is_empty());
            found.extend(sound.map(|one| Found {
                reader: Arc::clone(reader),
                snapshot: Arc::clone(&snapshot),
                understood: one.clone(),
                build: build.clone(),
            }));
        }
        match refused {
            Some(error) if found.is_empty() && reference.is_some() => Err(error),
            _ => {
                let asks = |one: &Found| one.understood.defined.release.questions.len();
                found.sort_by_key(|one| (!one.is_for(at), asks(one)));
                Ok(found)
            }
        }
    }
}
