//! Writes to a run's journal in a transaction: the event, the run's row, the ledger entries and the messages to
//! webhooks.

use super::past::Former;
use super::{AppendError, Order, Run, kinds, notifications, rows};
use crate::entries;
use crate::messages::setup::Addressees;
use crate::store::statement::{execute, json};
use crate::store::{Tx, freezes, glass, ledger};
use domain::intent::Intent;
use domain::plan::step::StepKind;
use domain::run::operation::{Operation, Progress};
use domain::run::state::State;
use domain::run::{Ending, Event, Recorded, RunId};
use domain::timestamp::Timestamp;

/// Stores a new run, and closes the earlier runs in `former`. A frozen stage accepts only roll-backs and runs that set
/// the freeze aside by breaking glass, which is recorded with the run.
pub(in crate::store) async fn enter(
    tx: &mut Tx,
    addressees: &Addressees,
    order: Order<'_>,
    former: Former,
    now: Timestamp,
) -> Result<Run, AppendError> {
    if !order.warrant.consent.passes_freeze()
        && let Some(freeze) = freezes::of(tx, order.target.stage()).await?
    {
        return Err(AppendError::Frozen(freeze));
    }
    let by = order.by;
    let mut run = Run {
        state: State::new(kinds(&order.steps)),
        operation: Operation {
            id: RunId(uuid::Uuid::new_v4().to_string()),
            target: order.target.clone(),
            intent: order.intent,
            moved: order.moved,
            by: by.user.name.clone(),
            started: now,
            ended: None,
            progress: Progress::Intended,
        },
        person: by.id(),
        steps: order.steps,
        hash: order.hash,
        warrant: Some(order.warrant.after(former.good)),
        due: now,
    };
    for mut other in former.closes {
        let by = by.user.name.clone();
        let ending = match &run.operation.intent {
            Intent::RollBack { run: of, .. } if *of == other.operation.id => {
                Ending::RolledBack { by, run: run.operation.id.clone() }
            }
            _ => Ending::Left { by },
        };
        let was_running = other.state.is_running();
        write(tx, addressees, &mut other, None, Event::Finished { ending }, now).await?;
        // A run that waited for a decision was already recorded as failed.
        if was_running {
            ledger::append(tx, entries::settled(&other.operation, &other.person, now)).await?;
        }
    }
    rows::insert(tx, &run, former.count + 1).await.map_err(unless_taken)?;
    write(tx, addressees, &mut run, None, Event::Requested, now).await?;
    if let Some(broken) = run.warrant.as_ref().and_then(|warrant| warrant.consent.glass())
        && !glass::broken(tx, addressees, broken, &run.operation, by).await?
    {
        // The form was sent twice. This error leads the person to the first run.
        return Err(AppendError::AnotherIsOpen);
    }
    ledger::append(tx, entries::intended(&run.operation, by)).await?;
    Ok(run)
}

/// Writes one event, the run's row and the messages to webhooks.
pub(super) async fn write(
    tx: &mut Tx,
    addressees: &Addressees,
    run: &mut Run,
    token: Option<i64>,
    event: Event,
    now: Timestamp,
) -> Result<(), AppendError> {
    let expected = i64::from(run.state.events);
    let recorded = Recorded { at: now, event };
    let before = run.state.phase.clone();
    run.state = run.state.clone().next(&recorded)?;
    run.operation.progress = Progress::of(&run.state);
    run.operation.ended = (!run.state.is_running()).then_some(now);
    if !rows::update(tx, run, expected).await.map_err(unless_taken)? {
        return Err(AppendError::Stale);
    }
    let sql = "INSERT INTO journal (run, number, at, token, event) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, &run.operation.id.0, expected, now.0, token, json(&recorded.event))?;
    notifications::tell(tx, addressees, &before, run, now).await?;
    Ok(())
}

/// A violation of the unique index means that another run is in progress.
fn unless_taken(error: sqlx::Error) -> AppendError {
    match error {
        sqlx::Error::Database(error) if error.is_unique_violation() => AppendError::AnotherIsOpen,
        error => error.into(),
    }
}

/// The ledger entry for a route that was set in the middle of a run.
pub(super) fn routed(run: &Run, event: &Event, now: Timestamp) -> Option<::ledger::entry::Draft> {
    let Event::StepSucceeded { step, output } = event else { return None };
    // The final entry of a run that only sets a route records the route already.
    let is_last = run.state.step(step + 1).is_none();
    let says_so = is_last && !matches!(run.operation.intent, Intent::Release { .. });
    let sets = step.checked_sub(1).and_then(|before| run.state.step(before));
    let is_set = !says_so && sets.is_some_and(|step| step.kind == StepKind::SetRoute);
    let route = output.route.as_ref().filter(|_| is_set)?;
    Some(entries::routed(&run.operation, &run.person, route, now))
}
