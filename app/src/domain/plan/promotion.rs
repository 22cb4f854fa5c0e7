//! The routes on the way from one route to another, when the stage's policy has live traffic move in steps.
//! The server's planner and the browser's preview lay them out alike.
//!
//! A newcomer is a deployment that gets more live traffic than before and did not carry most of it. Without
//! one (a mirror is set, a newcomer gets less, traffic goes back to the primary, everything is switched on or
//! off) the way is one step, and nothing bakes. With one, each share of the step plan that lies between what
//! it has and what it is to have is a station; those who give shares up do so in proportion to what they give
//! up at the end, by the rule that moves the sliders. The wanted route is the last station, and it bakes as
//! the others do: whether instances are enough shows at the full share only.

use crate::domain::name::DeploymentName;
use crate::domain::policy::conditions::Conditions;
use crate::domain::policy::promotion::{BakeMinutes, Promotion};
use crate::domain::route::{Mirror, Route, Split};
use crate::domain::route_draft::divide;
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
        let names: Vec<_> = self.newcomers.iter().map(ToString::to_string).collect();
        names.join(" and ")
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
    let newcomers = newcomers(before.split(), after.split());
    let Some(promotion) = promotion.filter(|_| !newcomers.is_empty()) else {
        return vec![Station { route: after.clone(), baking: None }];
    };
    let is_between = |share: &u8| {
        let between = |name: &DeploymentName| {
            before.split().share(name) < *share && *share < after.split().share(name)
        };
        newcomers.iter().any(between)
    };
    let on_the_way =
        promotion.steps.iter().filter(is_between).filter_map(|share| between(before, after, share));
    let mut stations = Vec::new();
    for route in on_the_way.chain([after.clone()]) {
        let baking = Some(baking(before, &route, &newcomers, promotion));
        stations.push(Station { route, baking });
    }
    stations
}

/// Those that get more and did not carry more than every other before.
fn newcomers(before: &Split, after: &Split) -> Vec<DeploymentName> {
    if before.is_off() {
        return Vec::new();
    }
    let is_primary = |name: &DeploymentName, share: u8| {
        before.iter().all(|(other, its)| other == name || its < share)
    };
    let more = after.iter().filter(|(name, share)| before.share(name) < *share);
    let newcomers = more.filter(|(name, _)| !is_primary(name, before.share(name)));
    newcomers.map(|(name, _)| name.clone()).collect()
}

/// The route where nobody who rises is above `share` yet, or above what it had already.
fn between(before: &Route, after: &Route, share: u8) -> Option<Route> {
    let (from, to) = (before.split(), after.split());
    let mut shares = Vec::new();
    let mut gained = 0;
    for (name, wanted) in to.iter().filter(|(name, wanted)| from.share(name) < *wanted) {
        let now = wanted.min(share.max(from.share(name)));
        gained += now - from.share(name);
        shares.push((name.clone(), now));
    }
    let falling = from.iter().filter(|(name, had)| to.share(name) < *had);
    let losses: Vec<_> = falling.map(|(name, had)| (name, had - to.share(name))).collect();
    for (name, lost) in divide(gained, &losses) {
        let left = from.share(&name) - lost;
        shares.push((name, left));
    }
    let same = from.iter().filter(|(name, had)| to.share(name) == *had);
    shares.extend(same.map(|(name, had)| (name.clone(), had)));
    let split =
        Split::new(shares.into_iter().map(|(name, share)| (name, u32::from(share)))).ok()?;
    let is_free = |mirror: &&Mirror| split.share(mirror.deployment()) == 0;
    let mirror = after.mirror().filter(is_free).cloned();
    Route::new(split, mirror).ok()
}

fn baking(
    before: &Route,
    route: &Route,
    newcomers: &[DeploymentName],
    promotion: &Promotion,
) -> Baking {
    // One that has its turn later is still one of the others.
    let got_more = |name: &&DeploymentName| before.split().share(name) < route.split().share(name);
    let newcomers: Vec<_> = newcomers.iter().filter(got_more).cloned().collect();
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
