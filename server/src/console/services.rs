//! The services that all requests share.

use super::overview::LiveOverviews;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::history::History;
use crate::jobs::Jobs;
use crate::limits::Limits;
use crate::notify::Notify;
use crate::releases::Reader;
use crate::runs::Runs;
use crate::stages::Stages;
use crate::store::sessions::Sessions;
use std::sync::Arc;

/// The services that all requests share.
#[derive(Debug)]
pub struct Services {
    pub stages: Stages,
    pub repositories: Vec<Arc<Reader>>,
    pub operations: Arc<Runs>,
    pub jobs: Arc<Jobs>,
    pub changes: Arc<Changes>,
    /// The ledger and its proofs.
    pub history: Arc<History>,
    pub notify: Arc<Notify>,
    pub overviews: LiveOverviews,
    pub sessions: Sessions,
    pub limits: Arc<Limits>,
    pub clock: Clock,
}
