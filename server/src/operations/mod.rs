//! What the console does to Azure, durably: a plan's steps, carried out as a run.
//!
//! # The contract
//!
//! * A run is written down, with every step and body, before anything is sent ([`begin`]). An endpoint has
//!   one run in flight, across all replicas: the store refuses a second one.
//! * What happens is appended to the run's journal; how it stands is the journal's fold
//!   (`app/src/domain/run`). [`engine`] takes no input but the store, so a restart is just its next tick.
//! * A step ([`steps`]) only looks, and says what it found: its effect is there, Azure is at work, or this
//!   one write would bring it about. [`advance`] writes the intent into the journal, sends, and writes down
//!   what came of it. A step that is run twice therefore finds its effect and sends nothing.
//! * Each append needs the newest fencing token of the endpoint's lease, and so does each write, whose
//!   intent is such an append ([`lease`]).
//! * A share of live traffic that bakes sends nothing; when its conditions were not met, the run sets the route
//!   back by itself ([`revert`]). While a route is set, [`probe`] measures what clients notice of it.
//! * Trouble is retried, with pauses and a limit. Afterwards, or when Azure refuses, a person decides
//!   ([`decide`]): retry, roll back, leave. Rolling back is another plan, run by the same engine.
//! * A step counts as done only when what is read back is what was asked for, and no step fails, or leaves its
//!   write out, because of one read: Azure may answer what was there before (`doubt.rs`, `patience.rs`).
//!
//! What would be done, and whether it may be, is told by [`plan`].

pub mod advance;
pub mod begin;
pub mod decide;
mod doubt;
pub mod engine;
pub mod known;
pub mod lease;
pub mod ours;
pub mod plan;
pub mod probe;
pub mod reading;
mod revert;
pub mod settled;
pub mod steps;
pub mod usual;

#[cfg(test)]
mod going_live;

use crate::clock::Clock;
use crate::operations::plan::step::Step;
use crate::stages::Stages;
use crate::store::evidence::Evidences;
use crate::store::runs::Runs as Table;
use app::domain::name::DeploymentName;
use app::domain::run::state::Standing;
use app::domain::stage::EndpointKey;
use doubt::Memory;
use lease::Leases;
use probe::Probes;
use tokio::sync::{Notify, watch};
use usual::Known;

/// Runs at work.
#[derive(Debug)]
pub struct Runs {
    /// Where they are kept.
    pub table: Table,
    /// The evidence that policies require.
    pub evidence: Evidences,
    /// The stages they concern.
    pub stages: Stages,
    /// The time of day.
    pub clock: Clock,
    /// What clients notice of route changes that are under way here.
    pub probes: Probes,
    memory: Memory,
    leases: Leases,
    usual: Known,
    poke: Notify,
    changed: watch::Sender<u64>,
}

impl Runs {
    /// On a store and stages. Nothing moves until [`engine::run`] runs.
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

    /// Something changed that screens show.
    pub(crate) fn announce(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Something was written: tells the screens, and wakes the engine.
    pub(crate) fn moved(&self) {
        self.announce();
        self.poke.notify_one();
    }

    /// Ends when no run is about to create this deployment any more: Azure has taken it, or it came to nothing.
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
        let Some(open) = open.into_iter().find(|open| open.operation.endpoint == *at) else {
            return false;
        };
        let Ok(Some(run)) = self.table.load(&open.operation.id).await else { return false };
        run.steps.iter().zip(&run.state.steps).any(|(step, state)| {
            let creates = matches!(step, Step::PutDeployment { name: put, .. } if put == name);
            creates && matches!(state.standing, Standing::Pending | Standing::Running)
        })
    }
}
