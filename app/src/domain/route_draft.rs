//! The sliders: a route being edited. Moving one handle moves the others so that the shares keep
//! summing to 100; what is not allowed cannot be set, and says why.

use super::name::DeploymentName;
use super::route::{MIRROR_MAX, Mirror, Route, Split};
use serde::{Deserialize, Serialize};

/// A deployment as the sliders need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its name.
    pub deployment: DeploymentName,
    /// Why its shares must not be raised (it is not ready), if so.
    pub closed: Option<String>,
}

/// Why a handle does not move. Its `Display` is the sentence that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// The endpoint has no such deployment.
    #[error("There is no deployment {0} on this endpoint.")]
    Unknown(DeploymentName),
    /// It is not ready.
    #[error("{deployment} cannot take more traffic: {reason}.")]
    Closed {
        /// Which.
        deployment: DeploymentName,
        /// Why.
        reason: String,
    },
    /// Nobody could take the rest.
    #[error(
        "{deployment} carries everything that others cannot take; raise another deployment instead, or switch all live traffic off."
    )]
    NobodyElse {
        /// The one whose handle was moved.
        deployment: DeploymentName,
    },
    /// Others hold shares that do not move by themselves.
    #[error(
        "{deployment} can take at most {max} %: the rest is held by deployments that are not ready."
    )]
    TooMuch {
        /// The one whose handle was moved.
        deployment: DeploymentName,
        /// The most that it can take.
        max: u8,
    },
    /// A mirror to a live deployment.
    #[error(
        "{0} takes live traffic, so nothing can be mirrored to it: a deployment is live or mirrored, not both."
    )]
    MirrorIsLive(DeploymentName),
    /// Nothing to copy.
    #[error("There is no live traffic to mirror; give a deployment live traffic first.")]
    NothingLive,
    /// Out of `0..=50`.
    #[error("Azure mirrors at most {MIRROR_MAX} % of live traffic.")]
    MirrorTooMuch,
}

/// A route being edited, beside the deployments it may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    seats: Vec<Seat>,
    route: Route,
}

impl Draft {
    /// Starts from the route as it is. `seats` are all deployments of the endpoint.
    #[must_use]
    pub fn new(seats: Vec<Seat>, route: Route) -> Self {
        Self { seats, route }
    }

    /// The route as drafted: always legal.
    #[must_use]
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// The deployments beside which it is drafted.
    #[must_use]
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// Why the live handle of a deployment cannot move at all; `None` when it can.
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

    /// Why nothing can be mirrored to a deployment; `None` when it can.
    #[must_use]
    pub fn mirror_locked(&self, deployment: &DeploymentName) -> Option<Blocked> {
        self.with_mirror(Some((deployment.clone(), 1))).err()
    }

    /// Sets one live share. Others that are ready share what is left in the proportion they have; a
    /// shadow that goes live loses its mirror; a shadow never goes live because another handle moved.
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

    /// The shares come from a division that sums to 100 and the mirror was checked not to be live, so
    /// building the route cannot fail; were it to, the draft stays as it is.
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

/// Divides `rest` among `takers` in the proportion of their shares (equally when all are 0), in whole numbers,
/// so that nothing is lost to rounding: each goes to whoever is furthest behind (Webster's method). By the
/// largest remainders somebody could get less when there is more to divide.
pub(super) fn divide(rest: u8, takers: &[(&DeploymentName, u8)]) -> Vec<(DeploymentName, u8)> {
    let is_equal = takers.iter().all(|(_, share)| *share == 0);
    let weight = |share: u8| if is_equal { 1 } else { u32::from(share) };
    let mut parts: Vec<_> = takers.iter().map(|(_, share)| (weight(*share), 0_u8)).collect();
    let next = |part: u8| 2 * u32::from(part) + 1;
    for _ in 0..rest {
        // `weight / next(part)`, compared without rounding; the first of equals.
        let due = |one: &&mut (u32, u8), other: &&mut (u32, u8)| {
            (one.0 * next(other.1)).cmp(&(other.0 * next(one.1)))
        };
        let Some((_, part)) = parts.iter_mut().rev().max_by(due) else { break };
        *part += 1;
    }
    takers.iter().zip(parts).map(|((name, _), (_, part))| ((*name).clone(), part)).collect()
}
