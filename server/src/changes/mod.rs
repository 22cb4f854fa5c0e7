//! Changes: proposals, decisions about them, and their runs.
//!
//! # The contract
//!
//! * A change keeps its intent ([`crate::planner::pinned`]), so that the console can plan it again at any time
//!   ([`replan`]). Approvals sign a hash of the plan, which covers the current route. If the hash changes, an event says
//!   why, and all approvals are revoked.
//! * A change is the fold of its events (`app/domain/src/change`, which also says who may do what). An event is
//!   appended only if nobody has appended one since the change was read.
//! * One transaction writes the start of a change and its run ([`start`]). A crash never leaves one without the
//!   other, and a hundred simultaneous starts start one run.
//! * [`reconciler`] does what no person does: it expires changes, starts them on schedule, and closes them after their run.
//! * A change keeps its release as it was in the repository at the proposal. Later commits, and whether the
//!   repository responds, do not matter.
//! * The hash covers the newest evidence of each kind that the policy requires, for each deployment whose live share
//!   rises. Evidence may be missing in a proposal, but not in an approval or a start. New evidence requires new
//!   approvals.
//! * Temporary conditions (windows, freezes, quota, latency, the age of evidence) never revoke approvals. Approval and
//!   start check them.
//! * An approval is permanently revoked ([`revoke_approvals`]) if its approver loses the right to approve.
//! * Breaking glass ([`glass`]) overrides the listed rules of the policy, and nothing else.
//! * Reading a page costs Azure nothing: its plan is made from the observer's shared reads.
//!
//! Any number of replicas may work at the same time: the store's guarded appends decide who was first.

pub mod decide;
pub mod freeze;
pub mod glass;
mod images;
#[cfg(test)]
mod look_tests;
pub mod propose;
pub mod reconciler;
pub mod replan;
pub mod replan_reason;
pub mod revoke_approvals;
pub mod start;
pub mod subject;

use crate::error::{OrInternal as _, internal};
use crate::runs::Runs;
use crate::runs::begin::not_begun;
use crate::store::changes::{ChangeError, Changes as Table, Row, StoredChange};
use crate::store::freezes::Freezes;
use crate::store::glass::Glasses;
use crate::store::people::People;
use app::error::ConsoleError;
use domain::change::ChangeId;
use domain::glass::Broken;
use domain::stage::EndpointKey;
use domain::target::Target;
use std::sync::Arc;
use tokio::sync::watch;

/// All operations on changes.
#[derive(Debug)]
pub struct Changes {
    pub table: Table,
    /// The roles of people at their latest sign-in.
    pub people: People,
    pub glass: Glasses,
    freezes: Freezes,
    runs: Arc<Runs>,
    open: watch::Sender<Arc<Vec<Row>>>,
    broken: watch::Sender<Arc<Vec<Broken>>>,
}

impl Changes {
    /// Creates them on a store and the run engine. Scheduled work needs [`reconciler::run`].
    #[must_use]
    pub fn new(
        table: Table,
        people: People,
        freezes: Freezes,
        glass: Glasses,
        runs: Arc<Runs>,
    ) -> Self {
        let (open, broken) = (watch::Sender::default(), watch::Sender::default());
        Self { table, people, glass, freezes, runs, open, broken }
    }

    /// Changes that are pending, running or need attention, oldest first, as of the latest read of the store.
    #[must_use]
    pub fn open(&self) -> Arc<Vec<Row>> {
        Arc::clone(&self.open.borrow())
    }

    /// The number of an endpoint's pending changes.
    #[must_use]
    pub fn waiting_at(&self, at: &EndpointKey) -> usize {
        let waits = |row: &&Row| row.target.endpoint() == Some(at) && row.change.state.is_waiting();
        self.open.borrow().iter().filter(waits).count()
    }

    /// Reads open changes, freezes and broken glass from the store, and updates live pages if any of them changed.
    pub async fn refresh(&self) -> sqlx::Result<Arc<Vec<Row>>> {
        let (rows, freezes) = (self.table.open().await?, self.freezes.all().await?);
        let now_broken = Arc::new(self.glass.open().await?);
        let mut is_news = self.broken.send_if_modified(|broken| {
            let is_news = *broken != now_broken;
            *broken = now_broken;
            is_news
        });
        for place in self.runs.stages.iter() {
            is_news |= place.rules.learn(freezes.get(place.stage.name.as_str()).cloned());
        }
        let rows = Arc::new(rows);
        is_news |= self.open.send_if_modified(|open| {
            let is_news = *open != rows;
            *open = Arc::clone(&rows);
            is_news
        });
        if is_news {
            self.runs.announce();
        }
        Ok(rows)
    }

    /// A text that changes with the state of one change and its run, or of all open changes. Live pages compare it.
    pub async fn stamp(&self, of: Option<&ChangeId>) -> sqlx::Result<String> {
        let Some(id) = of else {
            let said =
                |row: &Row| format!("{} {:?} {}", row.id, row.change.state, row.change.missing());
            return Ok(self.open().iter().map(said).collect::<Vec<_>>().join(", "));
        };
        let Some(kept) = self.table.load(id).await? else { return Ok(String::new()) };
        let Some(id) = &kept.change.run else { return Ok(format!("{} 0", kept.events)) };
        let run = self.runs.table.load(id).await?.map_or(0, |run| run.state.events);
        let back = self.runs.table.taken_back_by(id).await?.map(|back| back.id.0);
        Ok(format!("{} {run} {}", kept.events, back.unwrap_or_default()))
    }

    /// Refreshes the lists after a write. If that fails, the next tick does it.
    async fn written(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the list of changes could not be read again");
        }
    }

    /// Loads one change.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn get(&self, id: &ChangeId) -> Result<StoredChange, ConsoleError> {
        let kept = self.table.load(id).await.or_internal("a change cannot be read")?;
        kept.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such change. The Changes page lists all changes.".to_owned(),
            )
        })
    }
}

/// Maps a failed write to the error on the screen.
fn not_written(target: &Target, error: ChangeError) -> ConsoleError {
    match error {
        ChangeError::Stale | ChangeError::Illegal(_) => ConsoleError::Conflict(
            "Somebody else has changed the state of this change since you opened the page. Nothing was done. Reload \
             the page."
                .to_owned(),
        ),
        ChangeError::Full => ConsoleError::Refused(
            "This change has reached the limit of comments. Nothing was added.".to_owned(),
        ),
        ChangeError::Run(error) => not_begun(target, error),
        error @ (ChangeError::Ledger(_) | ChangeError::Store(_)) => {
            internal("a change could not be written", &error)
        }
    }
}
