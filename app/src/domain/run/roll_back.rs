//! Going back without an approval: the rules, in one place, for the engine, the console and the page.
//!
//! On a protected stage nothing gets more live traffic without an approval, and there is one exception: the newest
//! change of an endpoint's route may be taken back, once, so that nobody has to find an approver at night. The
//! exception must not become a way around the approval, so:
//!
//! 1. Only a run that *set the route* can be rolled back, and no run that is a roll-back itself. Otherwise two
//!    clicks would give all live traffic to what was just found to be bad.
//! 2. Only the *newest* change of the route, whether the console or somebody outside made it, and only to the
//!    route that it found. What is older was replaced on purpose.
//! 3. No deployment gets more live traffic than it had in the *good state*: the last route that somebody consented
//!    to and that held ([`GoodState`]). A route that somebody set outside the console, or a share whose bake
//!    failed, is not good by having been there for a while.
//! 4. What gets more live traffic is made of *exactly what it was made of then*. A deployment that was updated or
//!    created again since under the same name is another one.
//!
//! Everything else is a change like any other: it is proposed where the stage asks for approvals, and applied where
//! it does not. The automatic way back of a failed bake obeys the same rules; so does a frozen stage, which lets
//! through nothing but such a way back.
//!
//! What *holds*: the last route of a run that was read back and, where it bakes, passed its bake. What was *good
//! before* a run is written down with its [`Warrant`](super::warrant::Warrant) when it begins, so that the whole
//! history need not be read: [`Past::good_after`] of the newest change is what is good before the next one.

mod why;

pub use why::NoWayBack;

use super::RunId;
use super::state::{Standing, State};
use super::warrant::{Consent, GoodState, Made, Warrant, one_unlike};
use crate::domain::endpoint::Endpoint;
use crate::domain::evidence::standing::rising;
use crate::domain::name::DeploymentName;
use crate::domain::operation::Action;
use crate::domain::plan::step::StepKind;
use crate::domain::route::Route;

/// A run as far as going back from it is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Which run.
    pub run: RunId,
    /// The run that it takes back, when it is a roll-back.
    pub takes_back: Option<RunId>,
    /// On what it rests; `None` when an earlier version of the console began it.
    pub warrant: Option<Warrant>,
    /// Whether it has come to rest.
    pub is_at_rest: bool,
    /// The route that its first step read.
    pub before: Option<Route>,
    /// What the live deployments of that route were made of; `None` when that was not recorded.
    pub found: Option<Made>,
    /// The routes that it sent, or may have sent, in order. None of them: it did not change the route.
    pub sent: Vec<Route>,
    /// The last of them that held.
    pub held: Option<Route>,
}

/// The newest change of an endpoint's route that the console made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The run.
    pub run: RunId,
    /// The run that it takes back, when it is a roll-back.
    pub takes_back: Option<RunId>,
}

impl Past {
    /// From a run's state; `sets` is the route that each step sets, in the order of the steps.
    #[must_use]
    pub fn of(
        run: &RunId,
        action: &Action,
        warrant: Option<&Warrant>,
        state: &State,
        sets: &[Option<&Route>],
    ) -> Self {
        let takes_back = match action {
            Action::RollBack { run, .. } => Some(run.clone()),
            _ => None,
        };
        let checked = state.steps.iter().find(|step| step.kind == StepKind::Check);
        let checked = checked.and_then(|step| step.output.as_ref());
        let all = state.steps.iter().zip(sets);
        let sent = all.filter_map(|(step, route)| route.filter(|_| step.sent).cloned());
        Self {
            run: run.clone(),
            takes_back,
            warrant: warrant.cloned(),
            is_at_rest: !state.is_running(),
            before: checked.and_then(|output| output.route.clone()),
            found: checked.and_then(|output| output.made_of.clone()),
            sent: sent.collect(),
            held: held(state),
        }
    }

    fn is_way_back(&self) -> bool {
        let consent = self.warrant.as_ref().map(|warrant| &warrant.consent);
        self.takes_back.is_some() || consent == Some(&Consent::WayBack)
    }

    /// The good state when the run began.
    #[must_use]
    pub fn good_before(&self) -> Option<GoodState> {
        let as_found =
            || Some(GoodState { route: self.before.clone()?, made_of: self.found.clone() });
        match self.warrant.as_ref().and_then(|warrant| warrant.good.clone()) {
            Some(GoodState { route, made_of }) => {
                Some(GoodState { route, made_of: made_of.or_else(|| self.found.clone()) })
            }
            None => as_found(),
        }
    }

    /// The good state after the run; `None` when it is not known, so that what the next run finds counts.
    #[must_use]
    pub fn good_after(&self) -> Option<GoodState> {
        let Some(warrant) = &self.warrant else {
            // Begun by an earlier version: what it led to is known, but not what of.
            let held = self.held.clone().filter(|_| !self.is_way_back())?;
            return Some(GoodState { route: held, made_of: None });
        };
        let before = self.good_before();
        let held = self.held.as_ref().filter(|_| warrant.consent.makes_good());
        let Some(held) = held else { return before };
        let former = before.and_then(|good| good.made_of);
        let base = self.before.clone().unwrap_or_default();
        let expected = |name: &DeploymentName, share: u8| {
            if share > base.split().share(name) {
                return warrant.made_of.get(name);
            }
            let known = former.as_ref().and_then(|made| made.get(name));
            known.or_else(|| self.found.as_ref()?.get(name))
        };
        let made_of = held
            .split()
            .iter()
            .filter_map(|(name, share)| Some((name.clone(), expected(name, share)?.clone())));
        Some(GoodState { route: held.clone(), made_of: Some(made_of.collect()) })
    }
}

/// The last route that was read back and passed its bake, if it had to bake.
fn held(state: &State) -> Option<Route> {
    let steps = &state.steps;
    let is_done = |standing| standing == Standing::Succeeded;
    let mut held = None;
    for (index, step) in steps.iter().enumerate() {
        let wait = steps.get(index + 1).filter(|wait| wait.kind == StepKind::Wait);
        let Some(wait) = wait.filter(|wait| is_done(wait.standing)) else { continue };
        if step.kind != StepKind::SetRoute {
            continue;
        }
        let bakes = steps.get(index + 2).filter(|step| step.kind == StepKind::Bake);
        if bakes.is_none_or(|bake| is_done(bake.standing)) {
            held = wait.output.as_ref().and_then(|output| output.route.clone()).or(held);
        }
    }
    held
}

/// The route to which a run can be rolled back now, without an approval. `newest` is the newest run of the endpoint
/// that sent a route; `now` is the endpoint as just read, with its deployments.
///
/// # Errors
/// [`NoWayBack`]: then it is a change like any other.
pub fn way_back(past: &Past, newest: Option<&Newest>, now: &Endpoint) -> Result<Route, NoWayBack> {
    if !past.is_at_rest {
        return Err(NoWayBack::Running);
    }
    way_back_of_failed(past, newest, now)
}

/// The same for a run that the engine still has in hand, because what baked was not good.
///
/// # Errors
/// [`NoWayBack`]: then a person decides.
pub fn way_back_of_failed(
    past: &Past,
    newest: Option<&Newest>,
    now: &Endpoint,
) -> Result<Route, NoWayBack> {
    if past.is_way_back() {
        return Err(NoWayBack::IsRollBack);
    }
    if past.sent.is_empty() {
        return Err(NoWayBack::ChangedNothing);
    }
    let before = past.before.as_ref().ok_or(NoWayBack::Unread)?;
    if now.route == *before && now.route_problem.is_none() {
        return Err(NoWayBack::AsBefore(before.clone()));
    }
    match newest {
        Some(newest) if newest.takes_back.as_ref() == Some(&past.run) => {
            return Err(NoWayBack::Already { by: newest.run.clone() });
        }
        Some(newest) if newest.run != past.run => {
            return Err(NoWayBack::NotNewest { newest: newest.run.clone() });
        }
        _ => {}
    }
    if !past.sent.contains(&now.route) {
        return Err(NoWayBack::Elsewhere(now.route.clone()));
    }
    no_more_than_good(past.good_before().as_ref(), before, now)?;
    Ok(before.clone())
}

/// No deployment gets more than it had in the good state, and what gets more is what it was then.
fn no_more_than_good(
    good: Option<&GoodState>,
    after: &Route,
    now: &Endpoint,
) -> Result<(), NoWayBack> {
    for name in rising(&now.route, after) {
        let share = after.split().share(&name);
        let had = good.map_or(0, |good| good.route.split().share(&name));
        if share > had {
            return Err(NoWayBack::GetsMore { name, share, good: had });
        }
        let expected = good.and_then(|good| good.made_of.as_ref()?.get(&name));
        let expected = expected.filter(|made_of| made_of.is_known());
        if let Some(unlike) = one_unlike(expected, &name, &now.deployments) {
            return Err(NoWayBack::Unlike(unlike));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
