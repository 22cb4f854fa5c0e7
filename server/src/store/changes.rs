//! Changes in the store: what happened to them, which only grows, and the row that is its projection. An
//! event is written together with its entry in the ledger, or not at all.

mod rows;

use super::ledger::{self, LedgerError};
use super::runs::{AppendError, Order, Run, Runs};
use super::{Database, Tx, outbox, within};
use crate::changes::stored::Stored;
use crate::history::Asker;
use crate::history::facts::changes::{Subject, happened};
use crate::notify::news::News as Told;
use crate::notify::setup::Addressees;
use crate::operations::plan::Planned;
use crate::operations::plan::step::Step;
use crate::redact::{self, Values};
use app::domain::change::event::{Event, Person};
use app::domain::change::{Change, ChangeId, Illegal, Stamped};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;

pub use rows::{Row, has_run, is_proposed};

/// Events of one change: comments may be many, but not without end.
pub const EVENTS_MAX: u32 = 500;

/// Why something could not be written. Then nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Somebody else has appended since this was read.
    #[error("somebody else has changed it meanwhile")]
    Stale,
    /// It has too many events.
    #[error("it has as many events as it may have")]
    Full,
    /// The event cannot follow.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// Its run cannot begin.
    #[error("its run cannot begin")]
    Run(#[source] AppendError),
    /// The ledger cannot take its entry.
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// A change with all that is needed to go on.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Which.
    pub id: ChangeId,
    /// Where.
    pub at: EndpointKey,
    /// What, in a few words.
    pub title: String,
    /// What it is to do.
    pub wish: Stored,
    /// The plan that is to be approved.
    pub planned: Planned,
    /// The fold of its events.
    pub change: Change,
    /// How many they are.
    pub events: u32,
}

impl Kept {
    /// The secrets that it is to send.
    #[must_use]
    pub fn secrets(&self) -> Values {
        let mut values = self.wish.secrets();
        values.extend(&Step::secrets(&self.planned.steps));
        values
    }
}

/// One event to append.
#[derive(Debug)]
pub struct News<'a> {
    /// What.
    pub event: Event,
    /// The plan, when it is another one from here on.
    pub planned: Option<Planned>,
    /// Who asked for it in a request.
    pub by: Option<&'a Asker>,
    /// Whether something can still happen to it by itself, although it says that it is over.
    pub is_open: bool,
}

impl<'a> News<'a> {
    /// An event that somebody asked for.
    #[must_use]
    pub fn by(by: &'a Asker, event: Event) -> Self {
        Self { event, planned: None, by: Some(by), is_open: false }
    }

    /// An event that nobody asked for.
    #[must_use]
    pub fn of_itself(event: Event) -> Self {
        Self { event, planned: None, by: None, is_open: false }
    }
}

/// A proposal to write down.
#[derive(Debug)]
pub struct New {
    /// Where.
    pub at: EndpointKey,
    /// What, in a few words.
    pub title: String,
    /// What it is to do.
    pub wish: Stored,
    /// Its plan.
    pub planned: Planned,
    /// The proposal itself.
    pub event: Event,
}

/// The tables of changes, and who is told what happens to them.
#[derive(Debug, Clone)]
pub struct Changes(Database, Addressees);

impl Changes {
    /// In a database; nobody is told anything.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database, Addressees::default())
    }

    /// The same, with webhooks that are told what happens.
    #[must_use]
    pub fn telling(self, addressees: Addressees) -> Self {
        Self(self.0, addressees)
    }

    /// Writes a proposal down.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn propose(&self, new: New, by: &Asker, now: Timestamp) -> Result<Kept, ChangeError> {
        let New { at, title, wish, planned, event } = new;
        let event = event.said(redact::text);
        let stamped = Stamped { at: now, event };
        let kept = Kept {
            id: ChangeId(uuid::Uuid::new_v4().to_string()),
            at,
            title,
            wish,
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

    /// Appends an event, if nobody else has since the change was read. The change is as it was when this
    /// fails.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn append(
        &self,
        kept: &mut Kept,
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

    /// Has a change carried out: that it was started and its run are written in one transaction, so that
    /// neither is there without the other, and the second of two who start it finds it started.
    ///
    /// # Errors
    /// [`ChangeError`]; then nothing must be sent.
    pub async fn start(
        &self,
        kept: &mut Kept,
        by: Option<Person>,
        order: Order<'_>,
        runs: &Runs,
        now: Timestamp,
    ) -> Result<Run, ChangeError> {
        let former = runs.former(order.at).await?;
        let asker = by.is_some().then_some(order.by);
        let mut next = kept.clone();
        let mut tx = self.0.begin().await?;
        let run = super::runs::enter(&mut tx, &self.1, order, former, now).await;
        let run = run.map_err(ChangeError::Run)?;
        let event = Event::Started { by, run: run.operation.id.clone() };
        let news = News { by: asker, ..News::of_itself(event) };
        write(&mut tx, &self.1, &mut next, news, now).await?;
        tx.commit().await?;
        *kept = next;
        Ok(run)
    }
}

/// Writes one event, what follows from it, its entry in the ledger, and who is told.
async fn write(
    tx: &mut Tx,
    addressees: &Addressees,
    kept: &mut Kept,
    news: News<'_>,
    now: Timestamp,
) -> Result<(), ChangeError> {
    let number = kept.events;
    // An end must always find room.
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

/// Writes down who is told of the newest event.
async fn tell(
    tx: &mut Tx,
    addressees: &Addressees,
    before: Option<&Change>,
    kept: &Kept,
    stamped: &Stamped,
) -> Result<(), ChangeError> {
    let of = Subject { id: &kept.id, at: &kept.at, title: &kept.title };
    let news = Told::of_event(of, before, &stamped.event, &kept.change, stamped.at);
    if let Some(news) = news {
        let topic = format!("change {} {}", kept.id, kept.events);
        outbox::announce(tx, addressees, &topic, news).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut Tx,
    kept: &Kept,
    number: u32,
    stamped: &Stamped,
    by: Option<&Asker>,
) -> Result<(), ChangeError> {
    let sql = "INSERT INTO change_events (change, number, at, event) VALUES ($1, $2, $3, $4)";
    within!(tx, connection => sqlx::query(sql)
        .bind(&kept.id.0)
        .bind(i64::from(number))
        .bind(stamped.at.0)
        .bind(rows::json(&stamped.event))
        .execute(connection)
        .await
        .map(|_| ())?);
    let of = Subject { id: &kept.id, at: &kept.at, title: &kept.title };
    let evidence = &kept.change.evidence;
    if let Some(entry) = happened(of, evidence, &stamped.event, by, stamped.at) {
        ledger::append(tx, entry).await?;
    }
    Ok(())
}
