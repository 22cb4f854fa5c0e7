//! Changes: what somebody proposed, who decided what about it, and its run.
//!
//! # The contract
//!
//! * A change keeps its wish ([`stored`]), so that it can be planned again whenever somebody looks ([`look`]).
//!   What is approved is a hash over the plan, which covers the route that it was made from. If the hash is
//!   another one now, that is an event, and all approvals fall away with the reason in words.
//! * What happens to a change is appended to its events, if nobody else has appended since it was read; how
//!   it stands is their fold (`app/src/domain/change`). Who may do what is told there as well.
//! * That a change was started and its run are written in one transaction ([`start`]). There is no moment at
//!   which a crash could leave one without the other, and a hundred who start it at once start it once.
//! * What nobody does happens by itself ([`tick`]): expiry, starts whose time has come, the end of a run.
//! * A release keeps all that planning it needs, as it stood in its repository when it was proposed: what
//!   became of the branch, and whether the repository answers, does not matter any more.
//! * The newest evidence of each kind that the policy requires, for each deployment whose live share rises, is
//!   part of the hash. It may be missing when a change is proposed; what is not there cannot be signed, so
//!   nothing is approved or started without it. Captured anew it is other evidence, and approvals fall away.
//! * What comes and goes by itself (hours, a freeze, quota, latency, the age of evidence) is judged when a
//!   change is approved or starts; it undoes no approvals. Evidence that became too old is refused at the
//!   start, and capturing it anew asks for new approvals anyway.
//! * An approval lapses ([`lapse`]), for good, when whoever gave it may not approve any more.
//! * Somebody who may can break glass ([`glass`]): the rules of the policy are set aside by name, and nothing else.
//! * Whoever only reads a page costs Azure nothing: it is planned on the observer's shared reads.
//!
//! Any number of replicas may do all this at once: the store's guarded appends decide who was first.

pub mod decide;
pub mod freeze;
pub mod gate;
pub mod glass;
pub mod lapse;
pub mod look;
#[cfg(test)]
mod look_tests;
pub mod propose;
pub mod start;
pub mod stored;
pub mod tick;
pub mod why;

use crate::console::error::internal;
use crate::operations::Runs;
use crate::operations::begin::not_begun;
use crate::store::changes::{ChangeError, Changes as Table, Kept, Row};
use crate::store::freezes::Freezes;
use crate::store::glass::Glasses;
use crate::store::people::People;
use app::domain::change::ChangeId;
use app::domain::glass::Broken;
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use std::sync::Arc;
use tokio::sync::watch;

/// Changes at work.
#[derive(Debug)]
pub struct Changes {
    /// Where they are kept.
    pub table: Table,
    /// What is known of people's roles.
    pub people: People,
    /// Where broken glass is kept.
    pub glass: Glasses,
    freezes: Freezes,
    runs: Arc<Runs>,
    open: watch::Sender<Arc<Vec<Row>>>,
    broken: watch::Sender<Arc<Vec<Broken>>>,
}

impl Changes {
    /// On a store and the engine. Nothing happens by itself until [`tick::run`] runs.
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

    /// Those that wait, run or need attention, the oldest first; as of the last look into the store.
    #[must_use]
    pub fn open(&self) -> Arc<Vec<Row>> {
        Arc::clone(&self.open.borrow())
    }

    /// How many of an endpoint wait.
    #[must_use]
    pub fn waiting_at(&self, at: &EndpointKey) -> usize {
        let waits = |row: &&Row| row.at == *at && row.change.state.is_waiting();
        self.open.borrow().iter().filter(waits).count()
    }

    /// Reads what is open, frozen and broken, and tells the screens when that is news.
    ///
    /// # Errors
    /// When the store fails.
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

    /// How things stand, as a text that differs when anything is other: one change with its run, or all that
    /// are open.
    ///
    /// # Errors
    /// When the store fails.
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

    /// After a write: a list that could not be read again is read at the next tick.
    async fn written(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "the list of changes could not be read again");
        }
    }

    /// One change.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`].
    pub async fn get(&self, id: &ChangeId) -> Result<Kept, ConsoleError> {
        let kept = self.table.load(id).await;
        let kept = kept.map_err(|error| internal("a change cannot be read", &error))?;
        kept.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such change. The page of changes lists those that there are."
                    .to_owned(),
            )
        })
    }
}

/// What a failed write means on the screen.
fn not_written(at: &EndpointKey, error: ChangeError) -> ConsoleError {
    match error {
        ChangeError::Stale | ChangeError::Illegal(_) => ConsoleError::Conflict(
            "The change is no longer where you saw it: somebody else was faster. Nothing was done twice. \
             Look at it again."
                .to_owned(),
        ),
        ChangeError::Full => ConsoleError::Refused(
            "This change has as many comments as it may have. Nothing was added.".to_owned(),
        ),
        ChangeError::Run(error) => not_begun(at, error),
        error @ (ChangeError::Ledger(_) | ChangeError::Store(_)) => {
            internal("a change could not be written down", &error)
        }
    }
}
