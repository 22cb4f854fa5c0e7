//! Runs in the store: an append-only journal per run, and a row with its fold. An event and its ledger entry are
//! written in one transaction.

mod journal;
mod notifications;
mod past;
mod rows;

use super::Database;
use super::freezes;
use super::leases::{self, Grip};
use super::ledger::{self, LedgerError};
use crate::entries;
use crate::entries::Principal;
use crate::messages::setup::Addressees;
use crate::planner::step::Step;
use crate::redact::Values;
use domain::intent::Named;
use domain::plan::PlanHash;
use domain::plan::step::StepKind;
use domain::run::operation::{Moved, Operation};
use domain::run::state::{State, Todo};
use domain::run::warrant::Warrant;
use domain::run::{Event, Illegal, Recorded};
use domain::stage::Freeze;
use domain::target::Target;
use domain::timestamp::Timestamp;
use journal::{routed, write};

pub(super) use journal::enter;
pub(super) use past::Former;

/// Why a write to a journal failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("the stage is frozen")]
    Frozen(Freeze),
    #[error("another run of this target is in progress")]
    AnotherIsOpen,
    /// The token is not the newest, or somebody else has appended an event since the run was read.
    #[error("another replica or request has changed the run")]
    Stale,
    /// The event is not allowed in the run's state.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// A run to begin.
#[derive(Debug)]
pub struct Order<'a> {
    pub target: &'a Target,
    pub intent: Named,
    /// The routes before and after; `None` if the run leaves the route as it is.
    pub moved: Option<Moved>,
    /// In the order of execution.
    pub steps: Vec<Step>,
    /// The hash of the plan with the steps.
    pub hash: Option<PlanHash>,
    /// The run's authorization. The last good state is added when the run is stored, unless the run is a roll-back.
    pub warrant: Warrant,
    pub by: &'a Principal,
}

/// A run with everything that the engine needs.
#[derive(Debug, Clone)]
pub struct Run {
    pub operation: Operation,
    /// Tenant id and object id of the person who started the run.
    pub person: String,
    pub steps: Vec<Step>,
    /// The hash of the plan with the steps.
    pub hash: Option<PlanHash>,
    /// The run's authorization; `None` when an earlier version began the run.
    pub warrant: Option<Warrant>,
    /// The fold of its journal.
    pub state: State,
    pub due: Timestamp,
}

impl Run {
    /// The secrets in the run's steps.
    #[must_use]
    pub fn secrets(&self) -> Values {
        Step::secrets(&self.steps)
    }
}

/// A run in progress, without its journal.
#[derive(Debug, Clone)]
pub struct Open {
    pub operation: Operation,
    pub due: Timestamp,
    pub events: i64,
}

/// The tables of runs and journals, and the webhooks that receive failures.
#[derive(Debug, Clone)]
pub struct Runs(Database, Addressees);

/// The kinds of a run's steps.
pub(crate) fn kinds(steps: &[Step]) -> impl Iterator<Item = StepKind> {
    steps.iter().map(|step| step.words().kind)
}

impl Runs {
    /// Without webhooks; see [`Self::telling`].
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database, Addressees::default())
    }

    /// Adds the webhooks that receive failures of runs that belong to no change.
    #[must_use]
    pub fn telling(self, addressees: Addressees) -> Self {
        Self(self.0, addressees)
    }

    /// Stores a new run with its ledger entry, and closes the target's runs that were waiting for a decision.
    ///
    /// # Errors
    /// [`AppendError`]. Nothing must then be sent to Azure.
    pub async fn begin(&self, order: Order<'_>, now: Timestamp) -> Result<Run, AppendError> {
        let former = self.former(order.target).await?;
        let mut tx = self.0.begin().await?;
        let run = enter(&mut tx, &self.1, order, former, now).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Appends an event of the engine, under its token. On failure `run` is unchanged.
    ///
    /// # Errors
    /// [`AppendError`]; [`AppendError::Stale`] when the engine must stop working on the run.
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
            && let Some(freeze) = freezes::of(&mut tx, run.operation.target.stage()).await?
        {
            return Err(AppendError::Frozen(freeze));
        }
        write(&mut tx, &self.1, &mut next, Some(grip.token), event, now).await?;
        if let Some(entry) = routed {
            ledger::append(&mut tx, entry).await?;
        }
        if let Some(ended) = next.operation.ended {
            ledger::append(&mut tx, entries::settled(&next.operation, &next.person, ended)).await?;
        }
        tx.commit().await?;
        *run = next;
        Ok(())
    }

    /// Ends a run and stores the run that rolls it back, in one transaction.
    pub async fn revert(
        &self,
        grip: &Grip,
        run: &Run,
        order: Order<'_>,
        now: Timestamp,
    ) -> Result<Run, AppendError> {
        let former = Former { closes: vec![run.clone()], ..self.former(order.target).await? };
        let mut tx = self.0.begin().await?;
        if !leases::holds(&mut tx, grip).await? {
            return Err(AppendError::Stale);
        }
        let back = enter(&mut tx, &self.1, order, former, now).await?;
        tx.commit().await?;
        Ok(back)
    }

    /// Appends a person's decision with its ledger entry; `what` is the decision in a few words.
    pub async fn decide(
        &self,
        run: &mut Run,
        event: Event,
        what: &str,
        by: &Principal,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let decided = run.state.clone().next(&Recorded { at: now, event: event.clone() })?;
        let due = match decided.todo() {
            // The decision does not make the console poll Azure earlier.
            Todo::Carry(_) => run.due,
            _ => now,
        };
        let mut next = Run { due, ..run.clone() };
        let is_retry = matches!(event, Event::RetryRequested { .. });
        let mut tx = self.0.begin().await?;
        if is_retry
            && !run.passes_freeze()
            && let Some(freeze) = freezes::of(&mut tx, run.operation.target.stage()).await?
        {
            return Err(AppendError::Frozen(freeze));
        }
        write(&mut tx, &self.1, &mut next, None, event, now).await?;
        ledger::append(&mut tx, entries::decided(&next.operation, what, by, now)).await?;
        tx.commit().await?;
        *run = next;
        Ok(())
    }
}
