//! The input of guards: the moves of a change, in order, and the observed endpoint.

use super::inputs::GuardInputs;
use crate::asset::Asset;
use crate::endpoint::{Deployment, Endpoint};
use crate::name::DeploymentName;
use crate::name::StageName;
use crate::route::{Part, Route};
use crate::target::Target;

/// A deployment that a change creates or updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: DeploymentName,
    /// Azure's name of the machine size.
    pub instance_type: Option<String>,
    pub instance_count: Option<u32>,
    /// The environment's name without its version; `None` for a model that contains its own environment.
    pub environment: Option<String>,
    pub request_timeout_ms: Option<u32>,
    /// The assets that the deployment refers to by id.
    pub assets: Vec<Asset>,
    /// What must be uploaded or registered first: `local model: ./nbq`.
    pub unregistered: Vec<String>,
    /// Assets named by a label, with their versions: `azureml:nbq@latest is version 7 now`.
    pub latest: Vec<String>,
}

/// One effect of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Creates the endpoint, or updates it except for its route.
    PutEndpoint,
    /// Creates a deployment without traffic.
    Create(Wanted),
    /// Changes a deployment in place.
    Update(Wanted),
    Delete(DeploymentName),
    SetRoute(Route),
    /// Sets diagnostic settings or the alert rule. Traffic does not change.
    Observe,
    LoadTest,
    /// Builds and registers an image.
    Build,
}

/// A change with the facts that guards use.
#[derive(Debug, Clone, Copy)]
pub struct GuardContext<'a> {
    pub at: &'a Target,
    /// The observed endpoint; `None` if it does not exist.
    pub endpoint: Option<&'a Endpoint>,
    /// In order.
    pub moves: &'a [Move],
    pub facts: &'a GuardInputs,
}

impl<'a> GuardContext<'a> {
    /// The stage of the change.
    #[must_use]
    pub fn stage(&self) -> &'a StageName {
        self.at.stage()
    }

    /// The name of the endpoint or image that the change concerns.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.at.name()
    }

    /// The route before the first move.
    #[must_use]
    pub fn before(&self) -> Route {
        self.endpoint.map(|endpoint| endpoint.route.clone()).unwrap_or_default()
    }

    /// The route after the last move; `None` if no move sets it.
    #[must_use]
    pub fn after(&self) -> Option<&'a Route> {
        self.moves.iter().rev().find_map(|moved| match moved {
            Move::SetRoute(route) => Some(route),
            _ => None,
        })
    }

    /// The role of a deployment immediately before the move at `place`.
    #[must_use]
    pub fn part_before(&self, place: usize, name: &DeploymentName) -> Part {
        let earlier = self.moves.iter().take(place).rev().find_map(|moved| match moved {
            Move::SetRoute(route) => Some(route.part(name)),
            _ => None,
        });
        let observed = || self.endpoint.map_or(Part::Idle, |endpoint| endpoint.part(name));
        earlier.unwrap_or_else(observed)
    }

    /// An observed deployment.
    #[must_use]
    pub fn deployment(&self, name: &DeploymentName) -> Option<&'a Deployment> {
        self.endpoint.and_then(|endpoint| endpoint.deployment(name))
    }

    /// Created deployments with the places of their moves.
    pub fn created(&self) -> impl Iterator<Item = (usize, &'a Wanted)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Create(wanted) => Some((place, wanted)),
            _ => None,
        })
    }

    /// Updated deployments with the places of their moves.
    pub fn updated(&self) -> impl Iterator<Item = (usize, &'a Wanted)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Update(wanted) => Some((place, wanted)),
            _ => None,
        })
    }

    /// Deleted deployments with the places of their moves.
    pub fn deleted(&self) -> impl Iterator<Item = (usize, &'a DeploymentName)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Delete(name) => Some((place, name)),
            _ => None,
        })
    }

    /// Created and updated deployments.
    pub fn written(&self) -> impl Iterator<Item = &'a Wanted> {
        self.moves.iter().filter_map(|moved| match moved {
            Move::Create(wanted) | Move::Update(wanted) => Some(wanted),
            _ => None,
        })
    }

    /// Whether a move changes the endpoint itself, its deployments or its route.
    #[must_use]
    pub fn touches_endpoint(&self) -> bool {
        self.moves
            .iter()
            .any(|moved| !matches!(moved, Move::Observe | Move::LoadTest | Move::Build))
    }
}
