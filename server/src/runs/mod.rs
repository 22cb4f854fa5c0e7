//! Carries out plans on Azure as durable runs.
//!
//! # The contract
//!
//! * The store records a run with all its steps and bodies before anything is sent ([`begin`]). An endpoint has at
//!   most one run in flight across all replicas: the store rejects a second one.
//! * Events are appended to the run's journal, and the run's state is the fold of the journal
//!   (`app/domain/src/run`). [`crate::durable::engine`] has no input but the store, so a restart is just its next tick.
//! * A step ([`steps`]) only reads, and reports that its effect exists, that Azure is busy, or which single write
//!   would produce the effect. [`advance`] appends the intent to the journal, sends the write, and appends the
//!   result. A step that runs twice therefore finds its effect and sends nothing.
//! * Each append requires the newest fencing token of the endpoint's lease. So does each write, because its
//!   intent is such an append ([`crate::durable::lease`]).
//! * A bake sends nothing. If its conditions are not met, the run rolls the route back without a person
//!   ([`automatic_roll_back`]). While a run sets a route, [`probe`] measures what clients notice.
//! * Transient errors are retried, with pauses and a limit. After that, or when Azure rejects, a person decides
//!   ([`decide`]): retry, roll back or close. A roll-back is another plan, run by the same engine.
//! * A step succeeds only when Azure reports the requested state. No step fails or skips its write because of a
//!   single read, because Azure may return an outdated state (`memory.rs`, `patience.rs`).

pub mod advance;
mod automatic_roll_back;
pub mod begin;
pub mod decide;
pub mod guard_inputs;
pub(crate) mod idempotency;
mod memory;
pub mod own_writes;
pub mod plan;
pub mod probe;
pub mod reading;
pub mod settled;
pub mod steps;
pub mod typical_duration;

#[cfg(test)]
mod going_live;

use crate::clock::Clock;
use crate::durable::lease::Leases;
use crate::durable::{Advanced, Durable, Open};
use crate::planner::step::Step;
use crate::stages::Stages;
use crate::store::evidence::Evidences;
use crate::store::runs::{AppendError, Runs as Table};
use app::error::ConsoleError;
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::run::state::StepStatus;
use domain::stage::EndpointKey;
use domain::target::Target;
use memory::Memory;
use probe::Probes;
use tokio::sync::{Notify, watch};
use typical_duration::Known;

/// The runs of this console.
#[derive(Debug)]
pub struct Runs {
    pub table: Table,
    pub evidence: Evidences,
    pub stages: Stages,
    pub clock: Clock,
    /// Probes of the routes that this process is setting.
    pub probes: Probes,
    memory: Memory,
    leases: Leases,
    usual: Known,
    poke: Notify,
    changed: watch::Sender<u64>,
}

impl Runs {
    /// No run advances until [`crate::durable::engine::run`] is called.
    #[must_use]
    pub fn new(
        table: Table,
        evidence: Evidences,
        leases: Leases,
        stages: Stages,
        clock: Clock,
    ) -> Self {
        let (poke, changed) = (Notify::new(), watch::Sender::new(0));
        let (probes, usual) = (Probes::default(), Known::default());
        let memory = Memory::default();
        Self { table, evidence, stages, clock, probes, memory, leases, usual, poke, changed }
    }

    /// Wakes whenever any run changes.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Grows whenever any run changes.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.changed.borrow()
    }

    /// Wakes the subscribers.
    pub(crate) fn announce(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Wakes the subscribers and the engine. Call this after a run was written.
    pub(crate) fn moved(&self) {
        self.announce();
        self.poke.notify_one();
    }

    /// Waits until no run is about to create this deployment: either Azure accepted the PUT, or the run ended.
    pub async fn until_created(&self, at: &EndpointKey, name: &DeploymentName) {
        let mut changed = self.subscribe();
        loop {
            changed.mark_unchanged();
            if !self.is_about_to_create(at, name).await || changed.changed().await.is_err() {
                return;
            }
        }
    }

    async fn is_about_to_create(&self, at: &EndpointKey, name: &DeploymentName) -> bool {
        let Ok(open) = self.table.open().await else { return false };
        let Some(open) = open.into_iter().find(|open| open.operation.target.endpoint() == Some(at))
        else {
            return false;
        };
        let Ok(Some(run)) = self.table.load(&open.operation.id).await else { return false };
        run.steps.iter().zip(&run.state.steps).any(|(step, state)| {
            let creates = matches!(step, Step::PutDeployment { name: put, .. } if put == name);
            creates && matches!(state.standing, StepStatus::Pending | StepStatus::Running)
        })
    }
}

impl Durable for Runs {
    const WHAT: &'static str = "run";
    type Error = AppendError;

    async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let open = self.table.open().await?.into_iter();
        let open =
            open.map(|one| Open { id: one.operation.id.0, due: one.due, events: one.events });
        Ok(open.collect())
    }

    async fn advance(&self, id: &str) -> Result<Advanced, AppendError> {
        advance::advance(self, &RunId(id.to_owned())).await
    }

    fn announce(&self) {
        Self::announce(self);
    }

    async fn poked(&self) {
        self.poke.notified().await;
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }
}

/// The endpoint that a run changes.
///
/// # Errors
/// [`ConsoleError::Refused`] for a run of another target.
pub(crate) fn endpoint_of(target: &Target) -> Result<&EndpointKey, ConsoleError> {
    target.endpoint().ok_or_else(|| {
        ConsoleError::Refused(format!("{target} is not an endpoint. Nothing was changed."))
    })
}
