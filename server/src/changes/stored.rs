//! What a change is to do, as it is kept: enough to plan it again whenever somebody looks.

use crate::observe::facts::{Built, Needs};
use crate::operations::plan::file::Files;
use crate::operations::plan::{Planned, Wish};
use crate::operations::steps;
use crate::redact::Values;
use app::domain::infra::Infra;
use app::domain::name::DeploymentName;
use app::domain::operation::Action;
use app::domain::release::Release;
use app::domain::release::answers::Answered;
use app::domain::repository::{Reference, ReleaseId};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A wish with all that it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Stored {
    /// A route.
    SetRoute {
        /// Which.
        route: Route,
    },
    /// A new deployment.
    Create {
        /// Its name.
        name: DeploymentName,
        /// Its REST body.
        body: Value,
    },
    /// No such deployment any more.
    Delete {
        /// Its name.
        name: DeploymentName,
    },
    /// What a release says.
    Release(Box<StoredRelease>),
}

/// A release as it stood in its repository when it was proposed, with its files as Azure would get them: it is
/// planned again from here alone, whatever becomes of the branch, and whether the repository answers or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredRelease {
    /// Which.
    pub id: ReleaseId,
    /// The branch, tag or commit that was asked for; the repository's own when `None`.
    pub reference: Option<Reference>,
    /// The commit that it was read at; none for a folder.
    pub commit: Option<String>,
    /// What a person answered instead of the file.
    pub answers: Vec<Answered>,
    /// The release, with the answers in place.
    pub release: Release,
    /// The YAML files that it names, rendered.
    pub files: Files,
    /// What its infra configuration says.
    pub infra: Option<Infra>,
    /// The image that it says it deploys.
    pub built: Option<Built>,
    /// What Azure did not tell when it was proposed, in words.
    pub unknown: Vec<String>,
}

impl Stored {
    /// As the planner takes it.
    #[must_use]
    pub fn wish<'a>(&'a self, at: &'a EndpointKey) -> Wish<'a> {
        match self {
            Self::SetRoute { route } => Wish::SetRoute { at, route },
            Self::Create { name, body } => Wish::Create { at, name, body },
            Self::Delete { name } => Wish::Delete { at, name },
            Self::Release(kept) => Wish::Release { release: &kept.release, files: &kept.files },
        }
    }

    /// What its guards need to know beside the endpoint.
    #[must_use]
    pub fn needs(&self, at: &EndpointKey) -> Needs {
        let image = self.built().cloned();
        Needs { image, ..self.wish(at).needs() }
    }

    /// The image that it says it deploys.
    #[must_use]
    pub fn built(&self) -> Option<&Built> {
        match self {
            Self::Release(kept) => kept.built.as_ref(),
            _ => None,
        }
    }

    /// The secrets that it is to send.
    #[must_use]
    pub fn secrets(&self) -> Values {
        let mut values = Values::default();
        match self {
            Self::Create { body, .. } => values.add_body(body),
            Self::Release(kept) => {
                kept.files.values().for_each(|file| values.add_body(&file.body));
            }
            Self::SetRoute { .. } | Self::Delete { .. } => {}
        }
        values
    }

    /// What it is to send, as far as that is known without a plan.
    pub fn bodies_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        let (body, files) = match self {
            Self::Create { body, .. } => (Some(body), None),
            Self::Release(kept) => (None, Some(kept.files.values_mut())),
            Self::SetRoute { .. } | Self::Delete { .. } => (None, None),
        };
        body.into_iter().chain(files.into_iter().flatten().map(|file| &mut file.body))
    }

    /// As a run tells it.
    #[must_use]
    pub fn action(&self, planned: &Planned) -> Action {
        let before = planned.plan.base.clone();
        match self {
            Self::SetRoute { route } => Action::SetRoute { before, after: route.clone() },
            Self::Release(kept) => {
                let after = steps::route_after(&planned.steps).unwrap_or(&before).clone();
                let ReleaseId { workflow, job, .. } = &kept.id;
                Action::Release { release: format!("{workflow}/{job}"), before, after }
            }
            Self::Create { name, .. } => Action::CreateDeployment { deployment: name.clone() },
            Self::Delete { name } => Action::DeleteDeployment { deployment: name.clone() },
        }
    }
}
