//! The sliders: a route being edited. Moving one handle moves the others so that the shares add up to 100. A handle
//! that must not move has a reason.

use super::name::DeploymentName;
use super::route::{MIRROR_MAX, Mirror, Route, Split};
use serde::{Deserialize, Serialize};

/// A deployment under the sliders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub deployment: DeploymentName,
    /// Why the deployment's shares must not rise, if it is not ready.
    pub closed: Option<String>,
}

/// Why a handle does not move. `Display` is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// The endpoint has no such deployment.
    #[error("There is no deployment {0} on this endpoint.")]
    Unknown(DeploymentName),
    #[error("Deployment {deployment} cannot take more traffic: {reason}.")]
    Closed { deployment: DeploymentName, reason: String },
    /// No other deployment could take the rest.
    #[error(
        "No other deployment can take the traffic of {deployment}. Raise another deployment instead, or switch all live traffic off."
    )]
    NobodyElse {
        /// The deployment whose handle was moved.
        deployment: DeploymentName,
    },
    /// Deployments that are not ready hold the other shares.
    #[error(
        "Deployment {deployment} can take at most {max} %: the rest is held by deployments that are not ready."
    )]
    TooMuch {
        /// The deployment whose handle was moved.
        deployment: DeploymentName,
        /// The maximum share of the deployment.
        max: u8,
    },
    /// A mirror to a live deployment.
    #[error(
        "Deployment {0} takes live traffic, so nothing can be mirrored to it: a deployment is live or mirrored, not both."
    )]
    MirrorIsLive(DeploymentName),
    /// There is no live traffic to copy.
    #[error("There is no live traffic to mirror. Give a deployment live traffic first.")]
    NothingLive,
    /// The percentage is above 50.
    #[error("Azure mirrors at most {MIRROR_MAX} % of live traffic.")]
    MirrorTooMuch,
}

/// A route being edited, and the endpoint's deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteDraft {
    seats: Vec<Seat>,
    route: Route,
}

impl RouteDraft {
    /// Starts from the current route. `seats`: all deployments of the endpoint.
    #[must_use]
    pub fn new(seats: Vec<Seat>, route: Route) -> Self {
        Self { seats, route }
    }

    /// The drafted route, which is always legal.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The endpoint's deployments.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// Why the live handle of a deployment cannot move at all; `None` if it can.
    #[must_use]
    pub fn live_locked(&self, deployment: &DeploymentName) -> Option<Blocked> {
        let share = self.route.split().share(deployment);
        let up = (share < 100).then(|| self.with_live(deployment, 100).err()).flatten();
        let down = (share > 0).then(|| self.with_live(deployment, share - 1).err()).flatten();
        match (share, up, down) {
            (0, Some(blocked), _) | (100, _, Some(blocked)) => Some(blocked),
            (1..=99, Some(blocked), Some(_)) => Some(blocked),
            _ => None,
        }
    }

    /// Why nothing can be mirrored to a deployment; `None` if it can.
    #[must_use]
    pub fn mirror_locked(&self, deployment: &DeploymentName) -> Option<Blocked> {
        self.with_mirror(Some((deployment.clone(), 1))).err()
    }

    /// Sets one live share. Other ready deployments divide the rest in proportion to their shares. A shadow that goes
    /// live loses its mirror, and never goes live because another handle moved.
    ///
    /// # Errors
    /// [`Blocked`], with the draft unchanged.
    pub fn with_live(&self, deployment: &DeploymentName, to: u8) -> Result<Self, Blocked> {
        let to = to.min(100);
        let seat = self.seat(deployment)?;
        let share = |name: &DeploymentName| self.route.split().share(name);
        if to > share(deployment) {
            open(seat)?;
        }
        let mirror =
            self.route.mirror().filter(|mirror| to == 0 || mirror.deployment() != deployment);
        let others = || self.seats.iter().filter(|seat| seat.deployment != *deployment);
        let held: u8 =
            others().filter(|seat| seat.closed.is_some()).map(|seat| share(&seat.deployment)).sum();
        let Some(rest) = (100 - to).checked_sub(held) else {
            return Err(Blocked::TooMuch { deployment: deployment.clone(), max: 100 - held });
        };
        let may_take = |seat: &&Seat| {
            seat.closed.is_none()
                && self.route.mirror().is_none_or(|m| *m.deployment() != seat.deployment)
        };
        let takers: Vec<_> = others()
            .filter(may_take)
            .map(|seat| (&seat.deployment, share(&seat.deployment)))
            .collect();
        if rest > 0 && takers.is_empty() {
            return Err(Blocked::NobodyElse { deployment: deployment.clone() });
        }
        let kept = others()
            .filter(|seat| seat.closed.is_some())
            .map(|seat| (seat.deployment.clone(), share(&seat.deployment)));
        let shares =
            std::iter::once((deployment.clone(), to)).chain(kept).chain(divide(rest, &takers));
        Ok(self.becomes(shares, mirror.cloned()))
    }

    /// Sets or clears the mirror.
    ///
    /// # Errors
    /// [`Blocked`], with the draft unchanged.
    pub fn with_mirror(&self, to: Option<(DeploymentName, u8)>) -> Result<Self, Blocked> {
        let shares = self.route.split().iter().map(|(name, share)| (name.clone(), share));
        let Some((deployment, percent)) = to.filter(|(_, percent)| *percent > 0) else {
            return Ok(self.becomes(shares, None));
        };
        let seat = self.seat(&deployment)?;
        if self.route.split().share(&deployment) > 0 {
            return Err(Blocked::MirrorIsLive(deployment));
        }
        if self.route.split().is_off() {
            return Err(Blocked::NothingLive);
        }
        let raised = self
            .route
            .mirror()
            .is_none_or(|m| *m.deployment() != deployment || m.percent() < percent);
        if raised {
            open(seat)?;
        }
        let mirror =
            Mirror::new(deployment, u32::from(percent)).map_err(|_| Blocked::MirrorTooMuch)?;
        Ok(self.becomes(shares, Some(mirror)))
    }

    /// Switches all live traffic off, and the mirror with it.
    #[must_use]
    pub fn with_everything_off(&self) -> Self {
        Self { seats: self.seats.clone(), route: Route::default() }
    }

    fn seat(&self, deployment: &DeploymentName) -> Result<&Seat, Blocked> {
        let found = self.seats.iter().find(|seat| seat.deployment == *deployment);
        found.ok_or_else(|| Blocked::Unknown(deployment.clone()))
    }

    /// Building the route cannot fail, because the shares add up to 100 and the mirror is not live. If it failed, the
    /// draft would stay unchanged.
    fn becomes(
        &self,
        shares: impl IntoIterator<Item = (DeploymentName, u8)>,
        mirror: Option<Mirror>,
    ) -> Self {
        let split = Split::new(shares.into_iter().map(|(name, share)| (name, u32::from(share))));
        let route = split.and_then(|split| Route::new(split, mirror));
        Self { seats: self.seats.clone(), route: route.unwrap_or_else(|_| self.route.clone()) }
    }
}

fn open(seat: &Seat) -> Result<(), Blocked> {
    match &seat.closed {
        None => Ok(()),
        Some(reason) => {
            Err(Blocked::Closed { deployment: seat.deployment.clone(), reason: reason.clone() })
        }
    }
}

/// Divides `rest` among `takers` in proportion to their shares (equally if all are 0), in whole numbers, by Webster's
/// method: each percent goes to the taker that is furthest behind. With largest remainders, a taker could get less
/// when `rest` grows.
pub(super) fn divide(rest: u8, takers: &[(&DeploymentName, u8)]) -> Vec<(DeploymentName, u8)> {
    let is_equal = takers.iter().all(|(_, share)| *share == 0);
    let weight = |share: u8| if is_equal { 1 } else { u32::from(share) };
    let mut parts: Vec<_> = takers.iter().map(|(_, share)| (weight(*share), 0_u8)).collect();
    let next = |part: u8| 2 * u32::from(part) + 1;
    for _ in 0..rest {
        // Compares `weight / next(part)` without rounding; the first of equals wins.
        let due = |one: &&mut (u32, u8), other: &&mut (u32, u8)| {
            (one.0 * next(other.1)).cmp(&(other.0 * next(one.1)))
        };
        let Some((_, part)) = parts.iter_mut().rev().max_by(due) else { break };
        *part += 1;
    }
    takers.iter().zip(parts).map(|((name, _), (_, part))| ((*name).clone(), part)).collect()
}
