//! What all signed-in people share.

use super::overview::LiveOverviews;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::history::History;
use crate::limits::Limits;
use crate::notify::Notify;
use crate::operations::Runs;
use crate::releases::Reader;
use crate::stages::Stages;
use crate::store::sessions::Sessions;
use std::sync::Arc;

/// What all requests share.
#[derive(Debug)]
pub struct Services {
    /// The stages.
    pub stages: Stages,
    /// The team's repositories.
    pub repositories: Vec<Arc<Reader>>,
    /// What the console does to Azure.
    pub operations: Arc<Runs>,
    /// What people propose and decide.
    pub changes: Arc<Changes>,
    /// What it remembers and proves.
    pub history: Arc<History>,
    /// Who is told what happens.
    pub notify: Arc<Notify>,
    /// The overview as its live pages get it.
    pub overviews: LiveOverviews,
    /// Who is signed in.
    pub sessions: Sessions,
    /// How much one person may have at once.
    pub limits: Arc<Limits>,
    /// The time of day.
    pub clock: Clock,
}
