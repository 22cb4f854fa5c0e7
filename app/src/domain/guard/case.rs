//! What guards judge: what is moved, in order, on an endpoint as observed.

use super::facts::Facts;
use crate::domain::asset::Asset;
use crate::domain::endpoint::{Deployment, Endpoint};
use crate::domain::name::DeploymentName;
use crate::domain::name::StageName;
use crate::domain::plan::Target;
use crate::domain::route::{Part, Route};

/// What is known of a deployment that is created or updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: DeploymentName,
    /// The machine size, as Azure names it.
    pub instance_type: Option<String>,
    /// How many instances.
    pub instance_count: Option<u32>,
    /// The environment's name, without its version; `None` for a model that brings its own.
    pub environment: Option<String>,
    /// How long a request may take, in milliseconds.
    pub request_timeout_ms: Option<u32>,
    /// The assets that it refers to by id.
    pub assets: Vec<Asset>,
    /// What must be uploaded or registered first, in words.
    pub unregistered: Vec<String>,
    /// What was named by a label, with the version that it is now, in words.
    pub latest: Vec<String>,
}

/// One thing that a change does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// The endpoint is created, or updated in all but its route.
    PutEndpoint,
    /// A deployment is created, without traffic.
    Create(Wanted),
    /// A deployment is changed in place.
    Update(Wanted),
    /// A deployment is deleted.
    Delete(DeploymentName),
    /// Split and mirror are set.
    SetRoute(Route),
    /// Diagnostic settings or the alert rule are set: no traffic is touched.
    Observe,
    /// A load test is run.
    LoadTest,
    /// An image is built and registered.
    Build,
}

/// A change with all that guards may know.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Where.
    pub at: &'a Target,
    /// The endpoint as observed; `None` when there is none yet.
    pub endpoint: Option<&'a Endpoint>,
    /// What is done, in order.
    pub moves: &'a [Move],
    /// What else is known.
    pub facts: &'a Facts,
}

impl<'a> Case<'a> {
    /// The stage.
    #[must_use]
    pub fn stage(&self) -> &'a StageName {
        match self.at {
            Target::Endpoint(key) => &key.stage,
            Target::Image { stage, .. } => stage,
        }
    }

    /// The name of what is changed.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self.at {
            Target::Endpoint(key) => key.endpoint.as_str(),
            Target::Image { name, .. } => name,
        }
    }

    /// The route before any move.
    #[must_use]
    pub fn before(&self) -> Route {
        self.endpoint.map(|endpoint| endpoint.route.clone()).unwrap_or_default()
    }

    /// The route after the last move, when a move sets it.
    #[must_use]
    pub fn after(&self) -> Option<&'a Route> {
        self.moves.iter().rev().find_map(|moved| match moved {
            Move::SetRoute(route) => Some(route),
            _ => None,
        })
    }

    /// What a deployment does just before a move, by the move's place.
    #[must_use]
    pub fn part_before(&self, place: usize, name: &DeploymentName) -> Part {
        let earlier = self.moves.iter().take(place).rev().find_map(|moved| match moved {
            Move::SetRoute(route) => Some(route.part(name)),
            _ => None,
        });
        let observed = || self.endpoint.map_or(Part::Idle, |endpoint| endpoint.part(name));
        earlier.unwrap_or_else(observed)
    }

    /// A deployment as observed.
    #[must_use]
    pub fn deployment(&self, name: &DeploymentName) -> Option<&'a Deployment> {
        self.endpoint.and_then(|endpoint| endpoint.deployment(name))
    }

    /// Deployments that are created, with their places.
    pub fn created(&self) -> impl Iterator<Item = (usize, &'a Wanted)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Create(wanted) => Some((place, wanted)),
            _ => None,
        })
    }

    /// Deployments that are changed in place, with their places.
    pub fn updated(&self) -> impl Iterator<Item = (usize, &'a Wanted)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Update(wanted) => Some((place, wanted)),
            _ => None,
        })
    }

    /// Deployments that are deleted, with their places.
    pub fn deleted(&self) -> impl Iterator<Item = (usize, &'a DeploymentName)> {
        self.moves.iter().enumerate().filter_map(|(place, moved)| match moved {
            Move::Delete(name) => Some((place, name)),
            _ => None,
        })
    }

    /// Deployments that are created or changed.
    pub fn written(&self) -> impl Iterator<Item = &'a Wanted> {
        self.moves.iter().filter_map(|moved| match moved {
            Move::Create(wanted) | Move::Update(wanted) => Some(wanted),
            _ => None,
        })
    }

    /// Whether any move touches the endpoint itself, its deployments or its route.
    #[must_use]
    pub fn touches_endpoint(&self) -> bool {
        self.moves
            .iter()
            .any(|moved| !matches!(moved, Move::Observe | Move::LoadTest | Move::Build))
    }
}
