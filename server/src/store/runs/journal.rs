//! Writing into a run's journal, inside a transaction: the event, the row that is its projection, the entries
//! in the ledger that belong to it, and the messages to those who are told.

use super::past::Former;
use super::{AppendError, Order, Run, kinds, rows, told};
use crate::history::facts;
use crate::notify::setup::Addressees;
use crate::store::{Tx, freezes, glass, ledger, within};
use app::domain::operation::{Action, Operation, Progress};
use app::domain::plan::step::StepKind;
use app::domain::run::state::State;
use app::domain::run::{Ending, Event, Recorded, RunId};
use app::domain::timestamp::Timestamp;

/// Writes an intent down inside a transaction, and closes the runs before it that wait for somebody's decision, or
/// to be set back. A frozen stage takes nothing but a way back, and what sets its freeze aside by broken glass; that is
/// written down with it.
pub(in crate::store) async fn enter(
    tx: &mut Tx,
    addressees: &Addressees,
    order: Order<'_>,
    former: Former,
    now: Timestamp,
) -> Result<Run, AppendError> {
    if !order.warrant.consent.passes_freeze()
        && let Some(freeze) = freezes::of(tx, &order.at.stage).await?
    {
        return Err(AppendError::Frozen(freeze));
    }
    let by = order.by;
    let mut run = Run {
        state: State::new(kinds(&order.steps)),
        operation: Operation {
            id: RunId(uuid::Uuid::new_v4().to_string()),
            endpoint: order.at.clone(),
            action: order.action,
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
        let ending = match &run.operation.action {
            Action::RollBack { run: of, .. } if *of == other.operation.id => {
                Ending::RolledBack { by, run: run.operation.id.clone() }
            }
            _ => Ending::Left { by },
        };
        let was_running = other.state.is_running();
        write(tx, addressees, &mut other, None, Event::Finished { ending }, now).await?;
        // One that waited for a person has been recorded as failed already.
        if was_running {
            ledger::append(tx, facts::settled(&other.operation, &other.person, now)).await?;
        }
    }
    rows::insert(tx, &run, former.count + 1).await.map_err(unless_taken)?;
    write(tx, addressees, &mut run, None, Event::Requested, now).await?;
    if let Some(broken) = run.warrant.as_ref().and_then(|warrant| warrant.consent.glass())
        && !glass::broken(tx, addressees, broken, &run.operation, by).await?
    {
        // The same form was sent before: whoever sent it twice is led to the first run.
        return Err(AppendError::AnotherIsOpen);
    }
    ledger::append(tx, facts::intended(&run.operation, by)).await?;
    Ok(run)
}

/// Writes one event, the row that follows from it, and who is told of it.
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
    within!(tx, connection => sqlx::query(sql)
        .bind(&run.operation.id.0)
        .bind(expected)
        .bind(now.0)
        .bind(token)
        .bind(rows::json(&recorded.event))
        .execute(connection)
        .await
        .map(|_| ())?);
    told::tell(tx, addressees, &before, run, now).await?;
    Ok(())
}

/// The unique index says that another run is in flight.
fn unless_taken(error: sqlx::Error) -> AppendError {
    match error {
        sqlx::Error::Database(error) if error.is_unique_violation() => AppendError::AnotherIsOpen,
        error => error.into(),
    }
}

/// What the ledger must know at once: a route came into force in the middle of a run.
pub(super) fn routed(run: &Run, event: &Event, now: Timestamp) -> Option<::ledger::entry::Draft> {
    let Event::StepSucceeded { step, output } = event else { return None };
    // The end of a run that is about nothing but its route says so itself.
    let is_last = run.state.step(step + 1).is_none();
    let says_so = is_last && !matches!(run.operation.action, Action::Release { .. });
    let sets = step.checked_sub(1).and_then(|before| run.state.step(before));
    let is_set = !says_so && sets.is_some_and(|step| step.kind == StepKind::SetRoute);
    let route = output.route.as_ref().filter(|_| is_set)?;
    Some(facts::routed(&run.operation, &run.person, route, now))
}
