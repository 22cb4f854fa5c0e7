//! Setting the route back without a person: when what baked was not good, the stage's policy rolls the run
//! back, by the same one PUT of another run that a person would ask for ([`super::decide`]), and by the same
//! rules (`app/src/domain/run/roll_back.rs`). What they forbid, a person has to propose.
//!
//! That the run has ended and that the other one has begun is written in one transaction. Killed before it,
//! the run still says that it is to be set back, and the next tick does so; killed after it, it is over.

use super::Runs;
use super::begin::{read, refusal};
use super::plan::{Planned, Wish};
use crate::azure;
use crate::history::Asker;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Order, Run};
use app::domain::guard::facts::Facts;
use app::domain::operation::Action;
use app::domain::run::Event;
use app::domain::run::roll_back::{Past, way_back_of_failed};
use app::domain::run::warrant::{Consent, Warrant};
use app::domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause between two tries.
const AGAIN: Duration = Duration::from_secs(5);
/// How long it is tried while Azure does not answer or is busy, in milliseconds that have passed; then a person
/// decides.
const TRY_MS_MAX: i64 = 15 * 60_000;

/// The warrant of a way back: what gets more live traffic is what it was in the good state, which the rules have
/// compared with what the plan was made from.
pub(super) fn warrant_back(past: &Past, planned: &Planned) -> Warrant {
    Warrant {
        good: past.good_before(),
        ..Warrant::new(Consent::WayBack, planned.plan.made_of.clone())
    }
}

/// How far it went.
pub(super) enum Reverted {
    /// The run is over; another one sets the route back.
    Begun,
    /// It is tried again.
    Later,
    /// A person has to decide.
    Refused(Box<Event>),
}

/// What can be done about it.
enum Back {
    Order(Box<(Planned, Action, Warrant)>),
    /// Something stands in the way that may pass.
    NotNow(String),
    /// What was read may be from before the run set its route.
    Doubt(String),
    /// Something else stands in the way.
    Never(String),
}

/// Sets the route back as it was before a run.
///
/// # Errors
/// When the store or the ledger fails: then nothing was begun.
pub(super) async fn revert(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
) -> Result<Reverted, AppendError> {
    let now = runs.clock.now();
    let id = &run.operation.id;
    if let Some(state) = run.state.step(run.state.current()) {
        // What comes after the last step: it is counted apart from the step that failed.
        runs.memory.turn(id, u32::MAX, state, &runs.clock);
    }
    let has_time = runs.memory.in_hand_ms(id, &runs.clock) < TRY_MS_MAX;
    let patience = runs.stages.get(&run.operation.endpoint.stage).map(|place| place.patience);
    let patience = patience.unwrap_or_default();
    let refused = |why: String| {
        let why = format!("The route was not set back by itself: {why}");
        Ok(Reverted::Refused(Box::new(Event::NotReverted { why })))
    };
    let (planned, action, warrant) = match way_back(runs, run).await {
        Back::Order(order) => *order,
        Back::Doubt(why) if !runs.memory.is_believed(id, patience) => {
            return later(runs, grip, run, &why, patience.pause()).await;
        }
        Back::NotNow(why) if has_time => return later(runs, grip, run, &why, AGAIN).await,
        Back::NotNow(why) | Back::Doubt(why) | Back::Never(why) => return refused(why),
    };
    let (at, by) = (run.operation.endpoint.clone(), Asker::policy(&run.operation.id));
    let hash = planned.plan.hash;
    let order = Order { at: &at, action, steps: planned.steps, hash, warrant, by: &by };
    runs.table.revert(grip, run, order, now).await?;
    runs.moved();
    Ok(Reverted::Begun)
}

/// Tries again after a while.
async fn later(
    runs: &Runs,
    grip: &Grip,
    run: &Run,
    why: &str,
    pause: Duration,
) -> Result<Reverted, AppendError> {
    tracing::warn!(why, run = run.operation.id.0, "not set back yet");
    let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    let due = Timestamp(runs.clock.now().0.saturating_add(ms));
    match runs.table.postpone(grip, run, due).await? {
        true => Ok(Reverted::Later),
        false => Err(AppendError::Stale),
    }
}

async fn way_back(runs: &Runs, run: &Run) -> Back {
    let at = &run.operation.endpoint;
    let Ok(place) = runs.stages.get(&at.stage) else {
        return Back::Never(format!(
            "the stage {} is no longer in the configuration. Put it back and roll back.",
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
        return Back::NotNow(format!("{name} is {state}. Roll back when that has ended."));
    }
    if run.state.route().is_some_and(|set| *set != now_is) {
        // Whoever was faster knows why; but it may be the former route, read once more.
        return Back::Doubt(format!(
            "somebody changed it meanwhile; it is {now_is}. Look at it, then roll back or leave it."
        ));
    }
    let past = run.past();
    let newest = match runs.table.newest_route(at).await {
        Ok(newest) => newest,
        Err(error) => return Back::NotNow(format!("the store does not answer ({error}).")),
    };
    let route = match way_back_of_failed(&past, newest.as_ref(), &fresh.endpoint) {
        Ok(route) => route,
        // What stands in the way may be what Azure had before, read once more.
        Err(why) => return Back::Doubt(format!("{why} Look at it, then propose what is right.")),
    };
    // Nothing that may be down is asked: neither metrics nor repositories nor policies.
    let planned = match fresh.plan(&Wish::SetRoute { at, route: &route }, &Facts::default()) {
        Ok(planned) => planned,
        Err(error) => return Back::Never(error.to_string()),
    };
    if let Some(why) = refusal(&planned) {
        return Back::Never(why);
    }
    let warrant = warrant_back(&past, &planned);
    let id = run.operation.id.clone();
    let action = Action::RollBack { run: id, before: now_is, after: route };
    Back::Order(Box::new((planned, action, warrant)))
}
