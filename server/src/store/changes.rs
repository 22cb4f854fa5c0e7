//! Changes in the store: an append-only list of events per change, and a row with their fold. An event and its
//! ledger entry are written in one transaction.

mod rows;

use super::ledger::{self, LedgerError};
use super::runs::{AppendError, Order, Run, Runs};
use super::statement::{execute, json};
use super::{Database, Tx, outbox};
use crate::entries::Principal;
use crate::entries::changes::{Subject, happened};
use crate::messages::News as Told;
use crate::messages::setup::Addressees;
use crate::planner::Planned;
use crate::planner::pinned::{self, Pinned};
use crate::planner::step::Step;
use crate::redact::{self, Values};
use domain::change::event::Event;
use domain::change::{Change, ChangeId, Illegal, Stamped};
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;

pub use rows::{Row, has_run, is_proposed};

/// Maximum number of events of one change, reached only by many comments.
pub const EVENTS_MAX: u32 = 500;

/// Why a write failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else has appended an event since the change was read.
    #[error("somebody else has changed it in the meantime")]
    Stale,
    #[error("the change has reached its maximum number of events")]
    Full,
    /// The event is not allowed in the change's state.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    #[error("its run cannot begin")]
    Run(#[source] AppendError),
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// A change with its plan and state.
#[derive(Debug, Clone)]
pub struct StoredChange {
    pub id: ChangeId,
    pub target: Target,
    pub title: String,
    pub intent: Pinned,
    /// The plan to approve.
    pub planned: Planned,
    /// The fold of its events.
    pub change: Change,
    pub events: u32,
}

impl StoredChange {
    /// The secrets in the change's plan.
    #[must_use]
    pub fn secrets(&self) -> Values {
        let mut values = pinned::secrets(&self.intent);
        values.extend(&Step::secrets(&self.planned.steps));
        values
    }
}

/// One event to append.
#[derive(Debug)]
pub struct News<'a> {
    pub event: Event,
    /// The new plan, if the event replaces it.
    pub planned: Option<Planned>,
    /// The person who made the request, if any.
    pub by: Option<&'a Principal>,
    /// Keeps the change in the list of open changes although its state is final.
    pub is_open: bool,
}

impl<'a> News<'a> {
    /// An event that a person caused.
    #[must_use]
    pub fn by(by: &'a Principal, event: Event) -> Self {
        Self { event, planned: None, by: Some(by), is_open: false }
    }

    /// An event that the console caused.
    #[must_use]
    pub fn of_itself(event: Event) -> Self {
        Self { event, planned: None, by: None, is_open: false }
    }
}

/// A proposal to store.
#[derive(Debug)]
pub struct New {
    pub target: Target,
    pub title: String,
    pub intent: Pinned,
    pub planned: Planned,
    pub event: Event,
}

/// The tables of changes, and the webhooks that receive their events.
#[derive(Debug, Clone)]
pub struct Changes(Database, Addressees);

impl Changes {
    /// Without webhooks; see [`Self::telling`].
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database, Addressees::default())
    }

    /// Adds the webhooks that receive events.
    #[must_use]
    pub fn telling(self, addressees: Addressees) -> Self {
        Self(self.0, addressees)
    }

    /// Stores a proposal.
    pub async fn propose(
        &self,
        new: New,
        by: &Principal,
        now: Timestamp,
    ) -> Result<StoredChange, ChangeError> {
        let New { target, title, intent, planned, event } = new;
        let event = event.said(redact::text);
        let stamped = Stamped { at: now, event };
        let kept = StoredChange {
            id: ChangeId(uuid::Uuid::new_v4().to_string()),
            target,
            title,
            intent,
            planned,
            change: Change::fold([&stamped])?,
            events: 1,
        };
        let mut tx = self.0.begin().await?;
        rows::insert(&mut tx, &kept).await?;
        record(&mut tx, &kept, 0, &stamped, Some(by)).await?;
        tell(&mut tx, &self.1, None, &kept, &stamped).await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Appends an event, unless somebody else has appended one since `kept` was read. On failure `kept` is
    /// unchanged.
    pub async fn append(
        &self,
        kept: &mut StoredChange,
        news: News<'_>,
        now: Timestamp,
    ) -> Result<(), ChangeError> {
        let mut next = kept.clone();
        let mut tx = self.0.begin().await?;
        write(&mut tx, &self.1, &mut next, news, now).await?;
        tx.commit().await?;
        *kept = next;
        Ok(())
    }

    /// Starts a change: stores its start and its run in one transaction, so that neither exists without the
    /// other, and a second start fails.
    ///
    /// # Errors
    /// [`ChangeError`]. Nothing must then be sent to Azure.
    pub async fn start(
        &self,
        kept: &mut StoredChange,
        by: Option<Person>,
        order: Order<'_>,
        runs: &Runs,
        now: Timestamp,
    ) -> Result<Run, ChangeError> {
        let former = runs.former(order.target).await?;
        let principal = by.is_some().then_some(order.by);
        let mut next = kept.clone();
        let mut tx = self.0.begin().await?;
        let run = super::runs::enter(&mut tx, &self.1, order, former, now).await;
        let run = run.map_err(ChangeError::Run)?;
        let event = Event::Started { by, run: run.operation.id.clone() };
        let news = News { by: principal, ..News::of_itself(event) };
        write(&mut tx, &self.1, &mut next, news, now).await?;
        tx.commit().await?;
        *kept = next;
        Ok(run)
    }
}

/// Writes one event, the change's row, the ledger entry and the messages to webhooks.
async fn write(
    tx: &mut Tx,
    addressees: &Addressees,
    kept: &mut StoredChange,
    news: News<'_>,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let number = kept.events;
    // Only comments are limited, so that a change can always end.
    if number >= EVENTS_MAX && matches!(news.event, Event::Commented { .. }) {
        return Err(ChangeError::Full);
    }
    let known = kept.secrets();
    let stamped =
        Stamped { at: now, event: news.event.said(|text| known.hide_all(&redact::text(text))) };
    let before = kept.change.clone();
    kept.change = before.clone().next(&stamped)?;
    kept.events += 1;
    if let Some(planned) = news.planned {
        kept.planned = planned;
    }
    let is_open = news.is_open || !kept.change.state.is_over();
    if !rows::update(tx, kept, number, is_open).await? {
        return Err(ChangeError::Stale);
    }
    record(tx, kept, number, &stamped, news.by).await?;
    tell(tx, addressees, Some(&before), kept, &stamped).await
}

/// Writes the messages to webhooks about the newest event.
async fn tell(
    tx: &mut Tx,
    addressees: &Addressees,
    before: Option<&Change>,
    kept: &StoredChange,
    stamped: &Stamped,
) -> Result<(), ChangeError> {
    let of = Subject { id: &kept.id, target: &kept.target, title: &kept.title };
    let news = Told::of_event(of, before, &stamped.event, &kept.change, stamped.at);
    if let Some(news) = news {
        let topic = format!("change {} {}", kept.id, kept.events);
        outbox::announce(tx, addressees, &topic, news).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut Tx,
    kept: &StoredChange,
    number: u32,
    stamped: &Stamped,
    by: Option<&Principal>,
) -> Result<(), ChangeError> {
    let sql = "INSERT INTO change_events (change, number, at, event) VALUES ($1, $2, $3, $4)";
    execute!(tx, sql, &kept.id.0, i64::from(number), stamped.at.0, json(&stamped.event))?;
    let of = Subject { id: &kept.id, target: &kept.target, title: &kept.title };
    let evidence = &kept.change.evidence;
    if let Some(entry) = happened(of, evidence, &stamped.event, by, stamped.at) {
        ledger::append(tx, entry).await?;
    }
    Ok(())
}
