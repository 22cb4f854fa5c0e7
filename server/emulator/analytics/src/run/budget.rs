//! What a query may use: time and memory.

use std::cell::Cell;
use std::time::Instant;

use crate::store::Damaged;

/// Why a run ended early.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    TimedOut,
    OutOfMemory,
    Damaged(Damaged),
}

impl From<Damaged> for Stop {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged)
    }
}

#[derive(Debug)]
pub(crate) struct Budget {
    deadline: Option<Instant>,
    memory_max: usize,
    used: Cell<usize>,
}

impl Budget {
    pub(crate) fn new(deadline: Option<Instant>, memory_max: usize) -> Self {
        Self { deadline, memory_max, used: Cell::new(0) }
    }

    /// Whether there is time left.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Stop::TimedOut),
            _ => Ok(()),
        }
    }

    /// Notes memory that an operator keeps.
    pub(crate) fn charge(&self, bytes: usize) -> Result<(), Stop> {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        if used > self.memory_max { Err(Stop::OutOfMemory) } else { Ok(()) }
    }

    /// Notes memory that is kept no longer.
    pub(crate) fn release(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    /// Whether memory that is needed for a moment is there.
    pub(crate) fn has(&self, bytes: usize) -> Result<(), Stop> {
        if self.used.get().saturating_add(bytes) > self.memory_max {
            Err(Stop::OutOfMemory)
        } else {
            Ok(())
        }
    }
}
