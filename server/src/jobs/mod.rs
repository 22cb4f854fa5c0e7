//! Carries out jobs: durable long work that changes no route.
//!
//! # The contract
//!
//! * The store records a job before anything is sent ([`begin`]). A target has at most one job in progress across all
//!   replicas: the store refuses a second one.
//! * A job's state is the fold of its journal (`app/domain/src/job`), and [`crate::durable::engine`] has no input but the store,
//!   so a restart is just its next tick. Each append requires the newest fencing token of the job's lease.
//! * A step ([`steps`]) reads first, and reports that its effect exists, that somebody else is busy, or which single
//!   request would produce the effect. [`advance`] appends the intent to the journal, sends the request, and appends the
//!   result. If the answer is lost, the step looks for the effect before it sends the request again.
//! * The log is copied in pieces ([`log`]). A piece and the position up to which it was read are written together, so no
//!   line is lost or stored twice.

pub mod advance;
pub mod begin;
pub mod keeping;
pub mod log;
mod memory;
pub mod steps;
mod trouble;

use crate::clock::Clock;
use crate::durable::lease::Leases;
use crate::durable::{Advanced, Durable, Open};
use crate::releases::Reader;
use crate::stages::Stages;
use crate::store::jobs::{AppendError, Jobs as Table};
use domain::job::JobId;
use domain::timestamp::Timestamp;
use memory::Memory;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

pub use steps::{COMMIT_TAG, JOB_TAG, Layers, NO_REGISTRY};
pub use trouble::Error;

/// How long the logs of ended jobs are kept unless the configuration says otherwise, in days: our own limit.
pub const LOG_DAYS: u32 = 90;

/// The jobs of this console.
#[derive(Debug)]
pub struct Jobs {
    pub table: Table,
    pub stages: Stages,
    pub repositories: Vec<Arc<Reader>>,
    pub clock: Clock,
    /// How long the logs of ended jobs are kept, in days.
    pub log_days: u32,
    /// The folder in which source code is packed before it is uploaded.
    scratch: PathBuf,
    leases: Leases,
    memory: Memory,
    poke: Notify,
    changed: watch::Sender<u64>,
}

impl Jobs {
    /// No job advances until [`crate::durable::engine::run`] is called.
    #[must_use]
    pub fn new(
        table: Table,
        leases: Leases,
        stages: Stages,
        repositories: Vec<Arc<Reader>>,
        scratch: PathBuf,
        clock: Clock,
    ) -> Self {
        let (poke, changed) = (Notify::new(), watch::Sender::new(0));
        let (memory, log_days) = (Memory::default(), LOG_DAYS);
        Self {
            table,
            stages,
            repositories,
            clock,
            log_days,
            scratch,
            leases,
            memory,
            poke,
            changed,
        }
    }

    /// Keeps the logs of ended jobs for a number of days.
    #[must_use]
    pub fn keeping_logs(self, log_days: u32) -> Self {
        Self { log_days, ..self }
    }

    /// Wakes whenever any job or log changes.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Grows whenever any job or log changes.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.changed.borrow()
    }

    /// Wakes the subscribers.
    pub(crate) fn announce(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Wakes the subscribers and the engine. Call this after a job was written.
    pub(crate) fn moved(&self) {
        self.announce();
        self.poke.notify_one();
    }

    /// The repository with this name in the configuration.
    #[must_use]
    pub fn repository(&self, name: &str) -> Option<&Arc<Reader>> {
        self.repositories.iter().find(|reader| reader.name() == name)
    }
}

impl Durable for Jobs {
    const WHAT: &'static str = "job";
    type Error = AppendError;

    async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let open = self.table.open().await?.into_iter();
        let open = open.map(|one| Open { id: one.id, due: Timestamp(one.due), events: one.events });
        Ok(open.collect())
    }

    async fn advance(&self, id: &str) -> Result<Advanced, AppendError> {
        advance::advance(self, &JobId(id.to_owned())).await
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
