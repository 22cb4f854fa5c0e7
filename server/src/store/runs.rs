//! Runs in the store: their journal, which only grows, and the row that is its projection. An event is
//! written together with its entry in the ledger, or not at all.

mod journal;
mod past;
mod rows;
mod told;

use super::Database;
use super::freezes;
use super::leases::{self, Grip};
use super::ledger::{self, LedgerError};
use crate::history::{Asker, facts};
use crate::notify::setup::Addressees;
use crate::operations::plan::step::Step;
use crate::redact::Values;
use app::domain::operation::{Action, Operation};
use app::domain::plan::PlanHash;
use app::domain::plan::step::StepKind;
use app::domain::run::state::{State, Todo};
use app::domain::run::warrant::Warrant;
use app::domain::run::{Event, Illegal, Recorded};
use app::domain::stage::{EndpointKey, Freeze};
use app::domain::timestamp::Timestamp;
use journal::{routed, write};

pub(super) use journal::enter;
pub(super) use past::Former;

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
    /// On what it rests. What is good before it is added when it is written down, unless it is a way back.
    pub warrant: Warrant,
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
    /// On what it rests; `None` when an earlier version began it.
    pub warrant: Option<Warrant>,
    /// The fold of its journal.
    pub state: State,
    /// When to look next.
    pub due: Timestamp,
}

impl Run {
    /// The secrets that it sends.
    #[must_use]
    pub fn secrets(&self) -> Values {
        Step::secrets(&self.steps)
    }
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
        let former = self.former(order.at).await?;
        let mut tx = self.0.begin().await?;
        let run = enter(&mut tx, &self.1, order, former, now).await?;
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
        if run.is_about_to_give_more(&event)
            && let Some(freeze) = freezes::of(&mut tx, &run.operation.endpoint.stage).await?
        {
            return Err(AppendError::Frozen(freeze));
        }
        write(&mut tx, &self.1, &mut next, Some(grip.token), event, now).await?;
        if let Some(entry) = routed {
            ledger::append(&mut tx, entry).await?;
        }
        if let Some(ended) = next.operation.ended {
            ledger::append(&mut tx, facts::settled(&next.operation, &next.person, ended)).await?;
        }
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
        let former = Former { closes: vec![run.clone()], ..self.former(order.at).await? };
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        let back = enter(&mut tx, &self.1, order, former, now).await?;
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
        let is_retry = matches!(event, Event::RetryRequested { .. });
        let mut tx = self.0.begin().await?;
        if is_retry
            && !run.passes_freeze()
            && let Some(freeze) = freezes::of(&mut tx, &run.operation.endpoint.stage).await?
        {
            return Err(AppendError::Frozen(freeze));
        }
        write(&mut tx, &self.1, &mut next, None, event, now).await?;
        ledger::append(&mut tx, facts::decided(&next.operation, what, by, now)).await?;
        tx.commit().await?;
        *run = next;
        Ok(())
    }
}
