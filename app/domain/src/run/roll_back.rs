//! The rules for a roll-back without approval, shared by the engine, the console and the page.
//!
//! On a protected stage no deployment gets more live traffic without an approval, with one exception: the newest
//! change of an endpoint's route may be rolled back once, so that nobody has to find an approver at night. These
//! rules prevent the exception from bypassing approvals:
//!
//! 1. Only a run that *set the route* can be rolled back, and a roll-back itself cannot. Otherwise two clicks would
//!    return all live traffic to a deployment that was just found to be bad.
//! 2. Only the *newest* change of the route, inside or outside the console, can be rolled back, and only to the
//!    route before it. Older routes were replaced on purpose.
//! 3. No deployment gets more live traffic than it had in the *good state*: the last route that was consented to
//!    and held ([`GoodState`]). A route that was set outside the console, or a share whose bake failed, does not
//!    become good with time.
//! 4. A deployment that gets more live traffic must be made of *exactly the same parts as in the good state*. A
//!    deployment that was updated or recreated under the same name does not qualify, nor does one that got its live
//!    traffic by broken glass or outside the console, even if a later approved change left it some of it.
//!
//! Everything else is an ordinary change: proposed if the stage requires approvals, otherwise applied. The automatic
//! roll-back of a failed bake follows the same rules. A frozen stage allows only roll-backs under these rules.
//!
//! A route *held* if it was read back and passed its bake, if any. The good state *before* a run is stored in its
//! [`Warrant`](super::warrant::Warrant) when the run begins, so the whole history need not be read:
//! [`Past::good_after`] of the newest change is the good state before the next one.

mod why;

pub use why::NoWayBack;

use super::RunId;
use super::state::{State, StepStatus};
use super::warrant::{Consent, GoodState, Made, Warrant, one_unlike};
use crate::endpoint::Endpoint;
use crate::evidence::status::rising;
use crate::intent::Named;
use crate::name::DeploymentName;
use crate::plan::step::StepKind;
use crate::route::Route;

/// The parts of a run that decide whether it can be rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    pub run: RunId,
    /// The run that this run rolls back, if it is a roll-back.
    pub takes_back: Option<RunId>,
    /// `None` if an earlier version of the console began the run.
    pub warrant: Option<Warrant>,
    /// Whether the run has stopped: it ended, or waits for a person's decision.
    pub is_at_rest: bool,
    /// The route that the first step read.
    pub before: Option<Route>,
    /// What the live deployments of that route were made of, if recorded.
    pub found: Option<Made>,
    /// The routes that the run sent or may have sent, in order. Empty if the run did not change the route.
    pub sent: Vec<Route>,
    /// The last of these routes that held.
    pub held: Option<Route>,
}

/// The newest run that settled an endpoint's route ([`Past::settles_route`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    pub run: RunId,
    /// The run that this change rolls back, if it is a roll-back.
    pub takes_back: Option<RunId>,
}

impl Past {
    /// Builds the past of a run from its state. `sets`: the route that each step sets, in the order of the steps.
    #[must_use]
    pub fn of(
        run: &RunId,
        intent: &Named,
        warrant: Option<&Warrant>,
        state: &State,
        sets: &[Option<&Route>],
    ) -> Self {
        let takes_back = match intent {
            Named::RollBack { run, .. } => Some(run.clone()),
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

    /// Whether the run is about the endpoint's route now: it sent a route, or found that its own already held because
    /// somebody had set the same route outside the console. Its approval then counts as for a route that it sent.
    #[must_use]
    pub fn settles_route(&self) -> bool {
        !self.sent.is_empty() || self.held.is_some()
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

    /// The good state after the run; `None` if unknown. The next run then uses the route that it finds.
    #[must_use]
    pub fn good_after(&self) -> Option<GoodState> {
        let Some(warrant) = &self.warrant else {
            // An earlier version began this run: the route is known, but not what its deployments were made of.
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
            // A deployment that got its live traffic by broken glass or outside the console is not in the former
            // good state. That this run left it some traffic does not approve what it happened to be made of.
            former.as_ref().or(self.found.as_ref())?.get(name)
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
    let is_done = |standing| standing == StepStatus::Succeeded;
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

/// The route to which a run can be rolled back now without an approval. `newest`: the newest run of the endpoint
/// that sent a route. `now`: the endpoint as just read, with its deployments.
///
/// # Errors
/// [`NoWayBack`]: going back is then an ordinary change.
pub fn way_back(past: &Past, newest: Option<&Newest>, now: &Endpoint) -> Result<Route, NoWayBack> {
    if !past.is_at_rest {
        return Err(NoWayBack::Running);
    }
    way_back_of_failed(past, newest, now)
}

/// Like [`way_back`], for a run that the engine is still executing and whose bake failed.
///
/// # Errors
/// [`NoWayBack`]: a person must then decide.
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

/// Checks rules 3 and 4.
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
        let made_of = good.and_then(|good| good.made_of.as_ref());
        if made_of.is_some_and(|made_of| !made_of.contains_key(&name)) {
            return Err(NoWayBack::NeverApproved(name));
        }
        let expected = made_of.and_then(|made_of| made_of.get(&name));
        let expected = expected.filter(|made_of| made_of.is_known());
        if let Some(unlike) = one_unlike(expected, &name, &now.deployments) {
            return Err(NoWayBack::Unlike(unlike));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
