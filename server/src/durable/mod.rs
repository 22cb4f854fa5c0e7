//! Durable work: what runs and jobs have in common.
//!
//! Both are recorded before anything is sent, in an append-only journal whose fold says what to do next. [`engine`] carries
//! them out from the store alone, and [`lease`] decides which replica may.

pub mod engine;
pub mod lease;

use crate::clock::Clock;
use domain::timestamp::Timestamp;

/// Why a run or a job stopped advancing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// It waits until its due time.
    Paused,
    /// It has ended, or needs a person's decision.
    AtRest,
    /// Another replica holds it.
    Elsewhere,
}

/// A run or a job in progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub id: String,
    pub due: Timestamp,
    /// The number of events in its journal.
    pub events: i64,
}

/// Work that the engine can carry out.
pub trait Durable: Send + Sync + 'static {
    /// What one of them is called in the log.
    const WHAT: &'static str;
    /// Why advancing failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// What is in progress, by due time.
    fn open(&self) -> impl Future<Output = sqlx::Result<Vec<Open>>> + Send;
    /// Advances one until it has to wait.
    fn advance(&self, id: &str) -> impl Future<Output = Result<Advanced, Self::Error>> + Send;
    /// Wakes the subscribers.
    fn announce(&self);
    /// Waits until somebody has written new work.
    fn poked(&self) -> impl Future<Output = ()> + Send;
    fn clock(&self) -> &Clock;
}
