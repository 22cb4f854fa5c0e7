//! What the console does to Azure, durably.
//!
//! An operation is written down before anything is sent ([`begin`]); one open operation per endpoint,
//! enforced by the store. Just before sending, the endpoint is read again and compared with what the
//! person saw. The answer's checkpoint is kept; from then on [`engine`] asks, tick by tick, and a restart
//! is just the next tick. What would be done, and whether it may be, is told by [`plan`]. An operation counts as done only when what is read back is what was asked for.

pub mod begin;
pub mod engine;
pub mod plan;
mod settle;

use crate::clock::Clock;
use crate::stages::Stages;
use crate::store::operations::Operations as Table;
use app::domain::timestamp::Timestamp;
use tokio::sync::{Notify, watch};

/// Operations at work.
#[derive(Debug)]
pub struct Operations {
    /// Where they are kept.
    pub table: Table,
    /// The stages they concern.
    pub stages: Stages,
    /// The time of day.
    pub clock: Clock,
    process_start: Timestamp,
    poke: Notify,
    changed: watch::Sender<u64>,
}

impl Operations {
    /// On a store and stages. Nothing moves until [`engine::run`] runs.
    #[must_use]
    pub fn new(table: Table, stages: Stages, clock: Clock) -> Self {
        let process_start = clock.now();
        Self {
            table,
            stages,
            clock,
            process_start,
            poke: Notify::new(),
            changed: watch::Sender::new(0),
        }
    }

    /// Wakes whenever any operation changes.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Grows whenever any operation changes.
    #[must_use]
    pub fn version(&self) -> u64 {
        *self.changed.borrow()
    }

    fn announce(&self) {
        self.changed.send_modify(|version| *version += 1);
    }
}
