//! What bakes on the way from one route to another, when the stage's policy has live traffic move in steps; the
//! routes themselves are laid out by [`super::way`].

use super::way::{Leg, joined, way};
use crate::domain::name::DeploymentName;
use crate::domain::policy::conditions::Conditions;
use crate::domain::policy::promotion::{BakeMinutes, Promotion};
use crate::domain::route::Route;
use serde::{Deserialize, Serialize};

/// What bakes at a station, and how it is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baking {
    /// The deployments that got more.
    pub newcomers: Vec<DeploymentName>,
    /// The live ones that they are compared with.
    pub others: Vec<DeploymentName>,
    /// Whether those are compared as they were before the run: none is live beside the newcomers any more.
    pub others_before: bool,
    /// For how long.
    pub minutes: BakeMinutes,
    /// What must have held.
    pub conditions: Conditions,
}

impl Baking {
    /// The newcomers, for people.
    #[must_use]
    pub fn names(&self) -> String {
        joined(&self.newcomers)
    }
}

/// A route on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Which.
    pub route: Route,
    /// What bakes there; nothing, when it is reached in one step.
    pub baking: Option<Baking>,
}

/// The routes from `before` to `after`; the last is `after`.
#[must_use]
pub fn stations(before: &Route, after: &Route, promotion: Option<&Promotion>) -> Vec<Station> {
    let shares: Option<Vec<_>> = promotion.map(|promotion| promotion.steps.iter().collect());
    let legs = way(before, after, shares.as_deref()).into_iter();
    let station = |Leg { route, newcomers }: Leg| {
        let bakes = promotion.filter(|_| !newcomers.is_empty());
        let baking = bakes.map(|promotion| baking(before, &route, newcomers, promotion));
        Station { route, baking }
    };
    legs.map(station).collect()
}

fn baking(
    before: &Route,
    route: &Route,
    newcomers: Vec<DeploymentName>,
    promotion: &Promotion,
) -> Baking {
    let others = |route: &Route| -> Vec<DeploymentName> {
        let all = route.split().iter().map(|(name, _)| name);
        all.filter(|name| !newcomers.contains(name)).cloned().collect()
    };
    let beside = others(route);
    let others_before = beside.is_empty();
    Baking {
        others: if others_before { others(before) } else { beside },
        newcomers,
        others_before,
        minutes: promotion.bake_minutes,
        conditions: promotion.conditions.clone(),
    }
}

#[cfg(test)]
mod tests;
