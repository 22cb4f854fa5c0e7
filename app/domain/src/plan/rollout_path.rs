//! The intermediate routes between two routes if the stage's policy moves live traffic in steps. The server's planner
//! and the browser's preview share this code.
//!
//! A newcomer is a deployment that gets more live traffic than before and did not carry most of it. Without a
//! newcomer (a new mirror, less traffic for a newcomer, traffic back to the primary, everything switched on or off)
//! the change is one step, and nothing bakes. Otherwise each share of the promotion between the newcomer's old and
//! new share is a station. The other deployments give up shares in proportion to what they lose in total, by the
//! rule that moves the sliders. The wanted route is the last station, which also bakes: only the full share shows
//! whether there are enough instances.

use crate::name::DeploymentName;
use crate::policy::promotion::Promotion;
use crate::route::{Mirror, Route, Split};
use crate::route_draft::divide;
use serde::{Deserialize, Serialize};

/// A promotion as text for previews. The browser shows the conditions; only the server evaluates them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The shares through which traffic moves, in percent; the last is 100.
    pub shares: Vec<u8>,
    /// The time for which each share bakes, in words.
    pub bakes: String,
    /// The conditions that each share must meet, in words.
    pub conditions: String,
}

impl From<&Promotion> for Outline {
    fn from(promotion: &Promotion) -> Self {
        Self {
            shares: promotion.steps.iter().collect(),
            bakes: promotion.bake_minutes.to_string(),
            conditions: promotion.conditions.to_string(),
        }
    }
}

/// An intermediate or final route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub route: Route,
    /// The deployments that bake at this route; empty if the route change is one step.
    pub newcomers: Vec<DeploymentName>,
}

/// The routes from `before`, exclusive, to `after`, inclusive. `shares`: the steps of the promotion, if any.
#[must_use]
pub fn way(before: &Route, after: &Route, shares: Option<&[u8]>) -> Vec<Hop> {
    let newcomers = newcomers(before.split(), after.split());
    let Some(shares) = shares.filter(|_| !newcomers.is_empty()) else {
        return vec![Hop { route: after.clone(), newcomers: Vec::new() }];
    };
    let is_between = |share: &u8| {
        let between = |name: &DeploymentName| {
            before.split().share(name) < *share && *share < after.split().share(name)
        };
        newcomers.iter().any(between)
    };
    let on_the_way =
        shares.iter().copied().filter(is_between).filter_map(|share| between(before, after, share));
    let mut legs = Vec::new();
    for route in on_the_way.chain([after.clone()]) {
        // A deployment whose share rises only later still counts as one of the others.
        let got_more =
            |name: &&DeploymentName| before.split().share(name) < route.split().share(name);
        let newcomers = newcomers.iter().filter(got_more).cloned().collect();
        legs.push(Hop { route, newcomers });
    }
    legs
}

/// The deployments that get more live traffic and did not have the largest share before.
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

/// The route in which no rising deployment exceeds `share`, unless its share was already larger.
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

/// `green and red`
pub(super) fn joined(names: &[DeploymentName]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    names.join(" and ")
}
