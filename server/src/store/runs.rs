//! Runs in the store: their journal, which only grows, and the row that is its projection. An event is
//! written together with its entry in the ledger, or not at all.

mod rows;
mod told;

use super::leases::{self, Grip};
use super::ledger::{self, LedgerError};
use super::{Database, Tx, freezes, within};
use crate::history::{Asker, facts};
use crate::notify::setup::Addressees;
use crate::operations::plan::step::Step;
use app::domain::operation::{Action, Operation, Progress};
use app::domain::plan::PlanHash;
use app::domain::plan::step::StepKind;
use app::domain::run::state::{State, Todo};
use app::domain::run::{Ending, Event, Illegal, Recorded, RunId};
use app::domain::stage::{EndpointKey, Freeze};
use app::domain::timestamp::Timestamp;

/// Why something could not be written into a journal. Then nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody froze the stage.
    #[error("the stage is frozen")]
    Frozen(Freeze),
    /// Another run has the endpoint in hand.
    #[error("another run is in flight on this endpoint")]
    AnotherIsOpen,
    /// The token is not the newest, or somebody else has appended since this was read.
    #[error("somebody else has the run in hand")]
    Stale,
    /// The move is not legal.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The ledger cannot take its entry.
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// A run to begin.
#[derive(Debug)]
pub struct Order<'a> {
    /// Where.
    pub at: &'a EndpointKey,
    /// What, in short.
    pub action: Action,
    /// What is sent, in order.
    pub steps: Vec<Step>,
    /// The hash of the plan that the steps are from.
    pub hash: Option<PlanHash>,
    /// Who asks.
    pub by: &'a Asker,
}

/// A run with all that the engine needs to go on.
#[derive(Debug, Clone)]
pub struct Run {
    /// As the screens show it.
    pub operation: Operation,
    /// Who asked: tenant id and object id.
    pub person: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The hash of the plan that they are from.
    pub hash: Option<PlanHash>,
    /// The fold of its journal.
    pub state: State,
    /// When to look next.
    pub due: Timestamp,
}

/// A run in flight, as far as its row tells.
#[derive(Debug, Clone)]
pub struct Open {
    /// As the screens show it.
    pub operation: Operation,
    /// When to look next.
    pub due: Timestamp,
    /// Events in its journal.
    pub events: i64,
}

/// The tables of runs and their journal, and who is told when one fails.
#[derive(Debug, Clone)]
pub struct Runs(Database, Addressees);

/// The kinds of a run's steps.
pub(crate) fn kinds(steps: &[Step]) -> impl Iterator<Item = StepKind> {
    steps.iter().map(|step| step.words().kind)
}

impl Runs {
    /// In a database; nobody is told anything.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database, Addressees::default())
    }

    /// The same, with webhooks that are told when a run fails that belongs to no change.
    #[must_use]
    pub fn telling(self, addressees: Addressees) -> Self {
        Self(self.0, addressees)
    }

    /// Writes an intent down, in the ledger too. Runs of the endpoint that waited for somebody's decision
    /// are closed by it.
    ///
    /// # Errors
    /// [`AppendError`]; then nothing must be sent.
    pub async fn begin(&self, order: Order<'_>, now: Timestamp) -> Result<Run, AppendError> {
        let waiting = self.waiting(order.at).await?;
        let mut tx = self.0.begin().await?;
        let run = enter(&mut tx, order, waiting, now).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Appends what the engine found or is about to do, under its token. The run is as it was when this
    /// fails.
    ///
    /// # Errors
    /// [`AppendError`]; [`AppendError::Stale`] when the engine must let go.
    pub async fn append(
        &self,
        grip: &Grip,
        run: &mut Run,
        event: Event,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let mut next = Run { due, ..run.clone() };
        let routed = routed(run, &event, now);
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        write(&mut tx, &mut next, Some(grip.token), event, now).await?;
        if let Some(entry) = routed {
            ledger::append(&mut tx, entry).await?;
        }
        if let Some(ended) = next.operation.ended {
            ledger::append(&mut tx, facts::settled(&next.operation, &next.person, ended)).await?;
        }
        told::failed(&mut tx, &self.1, &run.state.phase, &next, now).await?;
        tx.commit().await?;
        *run = next;
        Ok(())
    }

    /// Ends a run that is to be set back, and writes down the run that does so: both or neither.
    ///
    /// # Errors
    /// [`AppendError`]; then neither happened.
    pub async fn revert(
        &self,
        grip: &Grip,
        run: &Run,
        order: Order<'_>,
        now: Timestamp,
    ) -> Result<Run, AppendError> {
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        let back = enter(&mut tx, order, vec![run.clone()], now).await?;
        tx.commit().await?;
        Ok(back)
    }

    /// Appends what a person decided, with its entry in the ledger: `what` in a few words.
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn decide(
        &self,
        run: &mut Run,
        event: Event,
        what: &str,
        by: &Asker,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let decided = run.state.clone().next(&Recorded { at: now, event: event.clone() })?;
        let due = match decided.todo() {
            // Azure is not asked sooner because of it.
            Todo::Carry(_) => run.due,
            _ => now,
        };
        let mut next = Run { due, ..run.clone() };
        let mut tx = self.0.begin().await?;
        write(&mut tx, &mut next, None, event, now).await?;
        ledger::append(&mut tx, facts::decided(&next.operation, what, by, now)).await?;
        tx.commit().await?;
        *run = next;
        Ok(())
    }
}

/// Writes an intent down inside a transaction; `waiting` are the endpoint's runs that wait for somebody's
/// decision, or to be set back. A frozen stage takes nothing but a roll-back.
pub(super) async fn enter(
    tx: &mut Tx,
    order: Order<'_>,
    waiting: Vec<Run>,
    now: Timestamp,
) -> Result<Run, AppendError> {
    if !matches!(order.action, Action::RollBack { .. })
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
        due: now,
    };
    for mut other in waiting {
        let by = by.user.name.clone();
        let ending = match &run.operation.action {
            Action::RollBack { run: of, .. } if *of == other.operation.id => {
                Ending::RolledBack { by, run: run.operation.id.clone() }
            }
            _ => Ending::Left { by },
        };
        let was_running = other.state.is_running();
        write(tx, &mut other, None, Event::Finished { ending }, now).await?;
        // One that waited for a person has been recorded as failed already.
        if was_running {
            ledger::append(tx, facts::settled(&other.operation, &other.person, now)).await?;
        }
    }
    rows::insert(tx, &run).await.map_err(unless_taken)?;
    write(tx, &mut run, None, Event::Requested, now).await?;
    ledger::append(tx, facts::intended(&run.operation, by)).await?;
    Ok(run)
}

/// Writes one event and the row that follows from it.
async fn write(
    tx: &mut Tx,
    run: &mut Run,
    token: Option<i64>,
    event: Event,
    now: Timestamp,
) -> Result<(), AppendError> {
    let expected = i64::from(run.state.events);
    let recorded = Recorded { at: now, event };
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
fn routed(run: &Run, event: &Event, now: Timestamp) -> Option<::ledger::entry::Draft> {
    let Event::StepSucceeded { step, output } = event else { return None };
    // The end of a run that is about nothing but its route says so itself.
    let is_last = run.state.step(step + 1).is_none();
    let says_so = is_last && !matches!(run.operation.action, Action::Release { .. });
    let sets = step.checked_sub(1).and_then(|before| run.state.step(before));
    let is_set = !says_so && sets.is_some_and(|step| step.kind == StepKind::SetRoute);
    let route = output.route.as_ref().filter(|_| is_set)?;
    Some(facts::routed(&run.operation, &run.person, route, now))
}
