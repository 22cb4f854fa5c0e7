//! What a person asks the console to do.
//!
//! An intent is the same value from the page to the run. Only how much it contains differs: a page sends what the
//! person wrote ([`Intent`]); the server pins that, with the files and request bodies that it stands for, so that a
//! change can be planned again at any time (`server/src/planner/pinned.rs`); a run keeps only names ([`Named`]).

use crate::ids::RunId;
use crate::name::DeploymentName;
use crate::plan::PlanHash;
use crate::repository::{Reference, ReleaseId};
use crate::route::Route;
use crate::run_book::ShadowDraft;
use crate::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// What a person asks for. `D` is a deployment, `R` a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent<D = Yaml, R = ReleaseRequest> {
    /// Sets split and mirror.
    SetRoute { at: EndpointKey, route: Route },
    /// Creates a deployment without traffic.
    CreateDeployment { at: EndpointKey, deployment: D },
    /// Replaces what a deployment is made of.
    UpdateDeployment { at: EndpointKey, deployment: D },
    /// Deletes a deployment without traffic.
    DeleteDeployment { at: EndpointKey, name: DeploymentName },
    /// Carries out a release of a repository.
    Release { release: R },
    /// Restores the route from before another run.
    RollBack { at: EndpointKey, run: RunId, route: Route },
}

/// An intent whose deployment and release are names: what a run keeps.
pub type Named = Intent<DeploymentName, String>;

/// A deployment's YAML, as a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Yaml(pub String);

/// A release to plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseRequest {
    /// A workflow's job, with answers that replace inputs.
    Defined {
        id: ReleaseId,
        /// The branch, tag or commit to read; the repository's configured one if `None`.
        reference: Option<Reference>,
        answers: Vec<(String, String)>,
    },
    /// The next run of a shadow's run book, which no repository contains yet.
    Drafted(ShadowDraft),
}

/// What the person's page showed. If something differs when the intent is carried out, nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    pub route: Option<Route>,
    pub plan: Option<PlanHash>,
    /// The mark of the deployments that get more live traffic or are deleted ([`crate::run::warrant::mark`]).
    pub made_of: Option<String>,
}

impl<D, R> Intent<D, R> {
    /// The endpoint; `None` for a release, which names its endpoint only after it was read.
    #[must_use]
    pub fn at(&self) -> Option<&EndpointKey> {
        match self {
            Self::SetRoute { at, .. }
            | Self::CreateDeployment { at, .. }
            | Self::UpdateDeployment { at, .. }
            | Self::DeleteDeployment { at, .. }
            | Self::RollBack { at, .. } => Some(at),
            Self::Release { .. } => None,
        }
    }

    /// The same intent with other contents.
    #[must_use]
    pub fn map<E, S>(
        &self,
        deployment: impl FnOnce(&D) -> E,
        release: impl FnOnce(&R) -> S,
    ) -> Intent<E, S> {
        let mapped: Result<_, std::convert::Infallible> =
            self.try_map(|of| Ok(deployment(of)), |of| Ok(release(of)));
        match mapped {
            Ok(mapped) => mapped,
            Err(never) => match never {},
        }
    }

    /// As [`Intent::map`], for contents that may be invalid.
    ///
    /// # Errors
    /// What `deployment` or `release` returns.
    pub fn try_map<E, S, X>(
        &self,
        deployment: impl FnOnce(&D) -> Result<E, X>,
        release: impl FnOnce(&R) -> Result<S, X>,
    ) -> Result<Intent<E, S>, X> {
        Ok(match self {
            Self::SetRoute { at, route } => {
                Intent::SetRoute { at: at.clone(), route: route.clone() }
            }
            Self::CreateDeployment { at, deployment: of } => {
                Intent::CreateDeployment { at: at.clone(), deployment: deployment(of)? }
            }
            Self::UpdateDeployment { at, deployment: of } => {
                Intent::UpdateDeployment { at: at.clone(), deployment: deployment(of)? }
            }
            Self::DeleteDeployment { at, name } => {
                Intent::DeleteDeployment { at: at.clone(), name: name.clone() }
            }
            Self::Release { release: of } => Intent::Release { release: release(of)? },
            Self::RollBack { at, run, route } => {
                Intent::RollBack { at: at.clone(), run: run.clone(), route: route.clone() }
            }
        })
    }

    /// What carrying it out is called in records of denied attempts: `set the route`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::SetRoute { .. } => "set the route",
            Self::CreateDeployment { .. } => "create a deployment",
            Self::UpdateDeployment { .. } => "update a deployment",
            Self::DeleteDeployment { .. } => "delete a deployment",
            Self::Release { .. } => "carry out a release",
            Self::RollBack { .. } => "roll back",
        }
    }
}

impl Named {
    /// The deployment that it creates, updates or deletes.
    #[must_use]
    pub fn deployment(&self) -> Option<&DeploymentName> {
        match self {
            Self::CreateDeployment { deployment: name, .. }
            | Self::UpdateDeployment { deployment: name, .. }
            | Self::DeleteDeployment { name, .. } => Some(name),
            Self::SetRoute { .. } | Self::Release { .. } | Self::RollBack { .. } => None,
        }
    }

    /// A title for lists and announcements: `Set the route to anet-eedi 90 %, green 10 %`.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::SetRoute { route, .. } => format!("Set the route to {route}"),
            Self::CreateDeployment { deployment, .. } => format!("Create deployment {deployment}"),
            Self::UpdateDeployment { deployment, .. } => format!("Update deployment {deployment}"),
            Self::DeleteDeployment { name, .. } => format!("Delete deployment {name}"),
            Self::Release { release } => format!("Carry out the release {release}"),
            Self::RollBack { route, .. } => format!("Roll the route back to {route}"),
        }
    }
}
