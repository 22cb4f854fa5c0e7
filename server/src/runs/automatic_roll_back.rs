//! Rolls the route back after a failed bake, without a person. The stage's policy starts the same run that a person
//! could request ([`super::decide`]), under the same rules (`app/domain/src/run/roll_back.rs`). A person must propose
//! any change that these rules forbid.
//!
//! One transaction ends the run and begins the roll-back. If the process dies before it, the next tick tries again.

use super::Runs;
use super::begin::read;
use super::plan::{Judged, kept, refusal};
use crate::azure;
use crate::entries::Principal;
use crate::planner::Planned;
use crate::planner::pinned::Pinned;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Order, Run};
use domain::intent::Intent;
use domain::run::Event;
use domain::run::roll_back::{Past, way_back_of_failed};
use domain::run::warrant::{Consent, Warrant};
use domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause between two attempts.
const AGAIN: Duration = Duration::from_secs(5);
/// How long the console keeps trying while Azure does not answer or is busy, in milliseconds of the monotonic clock.
/// After that, a person decides.
const TRY_MS_MAX: i64 = 15 * 60_000;

/// The warrant of a roll-back. A deployment that gets more live traffic must be the one of the good state, which the
/// rules have compared with the deployments of the plan.
pub(super) fn warrant_back(past: &Past, planned: &Planned) -> Warrant {
    Warrant {
        good: past.good_before(),
        ..Warrant::new(Consent::WayBack, planned.plan.made_of.clone())
    }
}

/// The result of an attempt.
pub(super) enum Reverted {
    /// The run has ended, and another one rolls the route back.
    Begun,
    /// The next tick tries again.
    Later,
    /// A person has to decide.
    Refused(Box<Event>),
}

/// The roll-back, or what prevents it.
enum Back {
    Order(Box<(Planned, Pinned, Warrant)>),
    /// The obstacle may be temporary.
    NotNow(String),
    /// The read may predate the run's own PUT.
    Doubt(String),
    /// The obstacle is permanent.
    Never(String),
}

/// Sets the route that preceded a run.
///
/// # Errors
/// If the store or the ledger fails. Then no run was begun.
pub(super) async fn revert(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
) -> Result<Reverted, AppendError> {
    let now = runs.clock.now();
    let id = &run.operation.id;
    if let Some(state) = run.state.step(run.state.current()) {
        // No step has this number, so the time is counted apart from the step that failed.
        runs.memory.turn(id, u32::MAX, state, &runs.clock);
    }
    let has_time = runs.memory.in_hand_ms(id, &runs.clock) < TRY_MS_MAX;
    let patience = runs.stages.get(run.operation.target.stage()).map(|place| place.patience);
    let patience = patience.unwrap_or_default();
    let refused = |why: String| {
        let why = format!("The console did not roll back the route: {why}");
        Ok(Reverted::Refused(Box::new(Event::NotReverted { why })))
    };
    let (planned, intent, warrant) = match way_back(runs, run).await {
        Back::Order(order) => *order,
        Back::Doubt(why) if !runs.memory.is_believed(id, patience) => {
            return later(runs, grip, run, &why, patience.pause()).await;
        }
        Back::NotNow(why) if has_time => return later(runs, grip, run, &why, AGAIN).await,
        Back::NotNow(why) | Back::Doubt(why) | Back::Never(why) => return refused(why),
    };
    let (target, by) = (run.operation.target.clone(), Principal::policy(&run.operation.id));
    let (intent, moved) = kept(&intent, &planned);
    let hash = planned.plan.hash;
    let order =
        Order { target: &target, intent, moved, steps: planned.steps, hash, warrant, by: &by };
    runs.table.revert(grip, run, order, now).await?;
    runs.moved();
    Ok(Reverted::Begun)
}

/// Postpones the next attempt.
async fn later(
    runs: &Runs,
    grip: &Grip,
    run: &Run,
    why: &str,
    pause: Duration,
) -> Result<Reverted, AppendError> {
    tracing::warn!(why, run = run.operation.id.0, "the route is not rolled back yet");
    let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    let due = Timestamp(runs.clock.now().0.saturating_add(ms));
    match runs.table.postpone(grip, run, due).await? {
        true => Ok(Reverted::Later),
        false => Err(AppendError::Stale),
    }
}

async fn way_back(runs: &Runs, run: &Run) -> Back {
    let Some(at) = run.operation.target.endpoint() else {
        return Back::Never("only the route of an endpoint can be rolled back.".to_owned());
    };
    let Ok(place) = runs.stages.get(&at.stage) else {
        return Back::Never(format!(
            "the stage {} is no longer in the configuration. Add it again, then roll back.",
            at.stage
        ));
    };
    let fresh = match read(place, at).await {
        Ok(fresh) => fresh,
        Err(error) if error.is_passing() || matches!(error, azure::Error::Conflict(_)) => {
            return Back::NotNow(format!("{error}. Roll back when Azure answers."));
        }
        Err(error) => return Back::Never(format!("{error}.")),
    };
    let now_is = fresh.endpoint.route.clone();
    if fresh.endpoint.state.is_busy() {
        let (name, state) = (&at.endpoint, fresh.endpoint.state);
        return Back::NotNow(format!("{name} is {state}. Roll back when Azure has finished."));
    }
    if run.state.route().is_some_and(|set| *set != now_is) {
        // Either somebody changed the route, or this read predates the run's own PUT.
        return Back::Doubt(format!(
            "somebody changed it to {now_is} in the meantime. Check it, then roll back or close the run."
        ));
    }
    let past = run.past();
    let newest = match runs.table.newest_route(&run.operation.target).await {
        Ok(newest) => newest,
        Err(error) => return Back::NotNow(format!("the store does not answer ({error}).")),
    };
    let route = match way_back_of_failed(&past, newest.as_ref(), &fresh.endpoint) {
        Ok(route) => route,
        // The obstacle may be an outdated read.
        Err(why) => return Back::Doubt(format!("{why} Check the route, then propose a change.")),
    };
    let back = Intent::RollBack { at: at.clone(), run: run.operation.id.clone(), route };
    let planned = match runs
        .plan(place, &back, &fresh.around, Judged::ByTheEndpoint { bandwidth: None })
        .await
    {
        Ok(planned) => planned,
        Err(error) => return Back::Never(error.to_string()),
    };
    if let Some(why) = refusal(&planned) {
        return Back::Never(why);
    }
    let warrant = warrant_back(&past, &planned);
    Back::Order(Box::new((planned, back, warrant)))
}
