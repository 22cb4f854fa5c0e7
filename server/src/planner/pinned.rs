//! Intents together with everything that they refer to, as the console read it once: request bodies, and a release's
//! files. A pinned intent can be planned again at any time, without its YAML or its repository.

use super::deployment::assets;
use super::file::Files;
use super::needs::{Built, Needs};
use crate::redact::Values;
use domain::infra::Infra;
use domain::intent::{Intent, Named};
use domain::name::DeploymentName;
use domain::release::Release;
use domain::release::answers::Answered;
use domain::repository::{Reference, ReleaseId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An intent with everything that it refers to.
pub type Pinned = Intent<PinnedDeployment, Box<PinnedRelease>>;

/// A deployment to create or update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedDeployment {
    pub name: DeploymentName,
    /// The REST body without its location, which the planner takes from the endpoint.
    pub body: Value,
}

/// A release as it was in its repository, with its rendered files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedRelease {
    pub id: ReleaseId,
    /// The requested branch, tag or commit; `None` for the repository's default.
    pub reference: Option<Reference>,
    /// The commit that was read; `None` for a folder.
    pub commit: Option<String>,
    /// Inputs that a person changed or added.
    pub answers: Vec<Answered>,
    /// The release, including the answers.
    pub release: Release,
    /// The release's YAML files, rendered.
    pub files: Files,
    /// The content of its infra configuration.
    pub infra: Option<Infra>,
    /// The image that the release deploys.
    pub built: Option<Built>,
    /// What Azure did not return when it was proposed, in words.
    pub unknown: Vec<String>,
}

impl PinnedRelease {
    /// A release with its files, of which nothing else is known.
    #[must_use]
    pub fn new(id: ReleaseId, release: Release, files: Files) -> Self {
        Self {
            id,
            reference: None,
            commit: None,
            answers: Vec::new(),
            release,
            files,
            infra: None,
            built: None,
            unknown: Vec::new(),
        }
    }
}

/// The facts that the guards need besides the endpoint.
#[must_use]
pub fn needs(intent: &Pinned) -> Needs {
    let written = |bodies: &mut dyn Iterator<Item = &Value>| {
        let assets = bodies.flat_map(assets).collect();
        Needs { latency: true, sizes: true, assets, ..Needs::default() }
    };
    match intent {
        Intent::Release { release } => {
            let written = written(&mut release.files.values().map(|file| &file.body));
            Needs { quota: true, bandwidth: true, image: release.built.clone(), ..written }
        }
        Intent::SetRoute { route, .. } | Intent::RollBack { route, .. } => {
            Needs { bandwidth: route.mirror().is_some(), ..Needs::default() }
        }
        Intent::CreateDeployment { deployment, .. } => {
            Needs { quota: true, ..written(&mut std::iter::once(&deployment.body)) }
        }
        Intent::UpdateDeployment { deployment, .. } => {
            written(&mut std::iter::once(&deployment.body))
        }
        Intent::DeleteDeployment { .. } => Needs::default(),
    }
}

/// The image that a release deploys.
#[must_use]
pub fn built(intent: &Pinned) -> Option<&Built> {
    match intent {
        Intent::Release { release } => release.built.as_ref(),
        _ => None,
    }
}

/// What a run keeps of an intent.
#[must_use]
pub fn named(intent: &Pinned) -> Named {
    intent.map(
        |deployment| deployment.name.clone(),
        |release| format!("{}/{}", release.id.workflow, release.id.job),
    )
}

/// The secrets in the request bodies.
#[must_use]
pub fn secrets(intent: &Pinned) -> Values {
    let mut values = Values::default();
    bodies(intent).for_each(|body| values.add_body(body));
    values
}

/// The request bodies that are known without a plan.
fn bodies(intent: &Pinned) -> impl Iterator<Item = &Value> {
    let (body, files) = match intent {
        Intent::CreateDeployment { deployment, .. }
        | Intent::UpdateDeployment { deployment, .. } => (Some(&deployment.body), None),
        Intent::Release { release } => (None, Some(release.files.values())),
        _ => (None, None),
    };
    body.into_iter().chain(files.into_iter().flatten().map(|file| &file.body))
}

/// As [`bodies`], to change them.
pub fn bodies_mut(intent: &mut Pinned) -> impl Iterator<Item = &mut Value> {
    let (body, files) = match intent {
        Intent::CreateDeployment { deployment, .. }
        | Intent::UpdateDeployment { deployment, .. } => (Some(&mut deployment.body), None),
        Intent::Release { release } => (None, Some(release.files.values_mut())),
        _ => (None, None),
    };
    body.into_iter().chain(files.into_iter().flatten().map(|file| &mut file.body))
}
