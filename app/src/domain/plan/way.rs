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
use crate::domain::policy::promotion::Promotion;
use crate::domain::route::{Mirror, Route, Split};
use crate::domain::route_draft::divide;
use serde::{Deserialize, Serialize};

/// What a preview says of a promotion. The conditions themselves stay on the server: the browser shows them and
/// judges nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The shares on the way, in per cent; the last is 100.
    pub shares: Vec<u8>,
    /// How long each bakes, in words.
    pub bakes: String,
    /// What must have held meanwhile, in words.
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

/// A route on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// Which.
    pub route: Route,
    /// Those that got more by it, and bake there; none, when it is reached in one step.
    pub newcomers: Vec<DeploymentName>,
}

/// The routes from `before` to `after`; the last is `after`. `shares` are those of the step plan, if there is
/// one.
#[must_use]
pub fn way(before: &Route, after: &Route, shares: Option<&[u8]>) -> Vec<Leg> {
    let newcomers = newcomers(before.split(), after.split());
    let Some(shares) = shares.filter(|_| !newcomers.is_empty()) else {
        return vec![Leg { route: after.clone(), newcomers: Vec::new() }];
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
        // One that has its turn later is still one of the others.
        let got_more =
            |name: &&DeploymentName| before.split().share(name) < route.split().share(name);
        let newcomers = newcomers.iter().filter(got_more).cloned().collect();
        legs.push(Leg { route, newcomers });
    }
    legs
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

/// `green and red`
pub(super) fn joined(names: &[DeploymentName]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    names.join(" and ")
}
