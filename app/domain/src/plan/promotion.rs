//! What bakes between two routes if the stage's policy moves live traffic in steps. [`super::rollout_path`] determines the
//! routes.

use super::rollout_path::{Hop, joined, way};
use crate::name::DeploymentName;
use crate::policy::conditions::Conditions;
use crate::policy::promotion::{BakeMinutes, Promotion};
use crate::route::Route;
use serde::{Deserialize, Serialize};

/// The deployments that bake at a station, and those to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baking {
    /// The deployments that got more live traffic.
    pub newcomers: Vec<DeploymentName>,
    /// The live deployments to compare with.
    pub others: Vec<DeploymentName>,
    /// Whether to compare with measurements from before the run, because the others are no longer live.
    pub others_before: bool,
    pub minutes: BakeMinutes,
    pub conditions: Conditions,
}

impl Baking {
    /// The newcomers as text.
    #[must_use]
    pub fn names(&self) -> String {
        joined(&self.newcomers)
    }
}

/// An intermediate or final route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    pub route: Route,
    /// What bakes at this route; `None` if the route change is one step.
    pub baking: Option<Baking>,
}

/// The routes from `before`, exclusive, to `after`, inclusive.
#[must_use]
pub fn stations(before: &Route, after: &Route, promotion: Option<&Promotion>) -> Vec<Station> {
    let shares: Option<Vec<_>> = promotion.map(|promotion| promotion.steps.iter().collect());
    let legs = way(before, after, shares.as_deref()).into_iter();
    let station = |Hop { route, newcomers }: Hop| {
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
