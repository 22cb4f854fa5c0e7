//! The outbox: messages to webhooks. [`enter`] writes in the transaction of the event, so a crash loses no message, and
//! no message reports an event that did not happen.
//!
//! A replica claims a message before each attempt: it postpones the due time and increments the number of attempts,
//! unless another replica did so first. If it crashes, the message is due again when the claim ends. Settling requires
//! the newest number of attempts, so a replica that was paused cannot settle a message that another one has claimed.

mod health;

use super::statement::{bad, execute, fetch_optional, from_json, json, scalar};
use super::vault::{MESSAGE, Sealed, Vault};
use super::{Database, Tx};
use crate::messages::setup::Addressees;
use crate::messages::{Message, News};
use crate::redact;
use domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Maximum delay of a message in milliseconds. A message with a later due time was postponed before the clock was set
/// back, and counts as due.
pub const DUE_MS_MAX: i64 = 24 * 3_600_000;

/// Identifies a message.
#[derive(Debug, Clone, Copy)]
pub struct Topic<'a> {
    /// Each webhook receives a topic once.
    pub topic: &'a str,
    /// Messages about one subject keep their order.
    pub subject: &'a str,
}

/// A claimed message.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The same for every attempt.
    pub id: String,
    pub message: Message,
    pub written: Timestamp,
    /// The number of this attempt, from 1.
    pub tries: u32,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Delivered,
    Later {
        due: Timestamp,
        /// Whether to postpone all of the webhook's messages, because the webhook sent `Retry-After`.
        all: bool,
        /// Why the message was not delivered.
        trouble: String,
    },
    GivenUp {
        /// Why the message was not delivered.
        trouble: String,
    },
}

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    message: String,
    written: i64,
    tries: i64,
}

/// Writes a message for each webhook that receives `news`, once per topic.
///
/// # Errors
/// When the store fails. The transaction must then not be committed.
pub async fn announce(
    tx: &mut Tx,
    addressees: &Addressees,
    topic: &str,
    news: News,
) -> sqlx::Result<()> {
    let (subject, now) = (news.subject(), news.at);
    let targets = addressees.of(&news);
    let message = Message::News(news.without_secrets());
    for target in targets {
        enter(tx, target, Topic { topic, subject: &subject }, &message, now).await?;
    }
    Ok(())
}

/// Writes one message for one webhook.
///
/// # Errors
/// As [`announce`].
pub async fn enter(
    tx: &mut Tx,
    target: &str,
    about: Topic<'_>,
    message: &Message,
    now: Timestamp,
) -> sqlx::Result<()> {
    let sql = "INSERT INTO outbox (id, target, topic, subject, message, written, due, sealed_by)
               VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (target, topic) DO NOTHING";
    let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
    let Sealed { by, text } = tx.vault().seal(MESSAGE.of(&id), &json(message))?;
    execute!(tx, sql, &id, target, about.topic, about.subject, text, now.0, by).map(|_| ())
}

/// A webhook's newest message.
#[derive(Debug)]
pub struct Newest {
    pub message: Message,
    pub written: Timestamp,
    /// Whether any message to the webhook is undelivered.
    pub is_waiting: bool,
}

/// A webhook's newest message, inside a transaction.
pub async fn newest(tx: &mut Tx, target: &str) -> sqlx::Result<Option<Newest>> {
    let sql = "SELECT id, message, written, tries FROM outbox WHERE target = $1
               ORDER BY position DESC LIMIT 1";
    let row: Option<Row> = fetch_optional!(tx, sql, target)?;
    let Some(row) = row else { return Ok(None) };
    let sql = "SELECT count(*) FROM outbox WHERE target = $1 AND state = 'waiting'";
    let waiting: i64 = scalar!(tx, sql, target)?;
    let Letter { message, written, .. } = row.letter(tx.vault())?;
    Ok(Some(Newest { message, written, is_waiting: waiting > 0 }))
}

/// The table of messages.
#[derive(Debug, Clone)]
pub struct Outbox(Database);

impl Outbox {
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Makes all messages due. For a console that has the database to itself and may have stopped with claimed
    /// messages.
    pub async fn resume(&self, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE outbox SET due = $1 WHERE state = 'waiting' AND due > $1";
        execute!(self.0, sql, now.0).map(|_| ())
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.0.begin().await
    }

    /// Claims a webhook's oldest due message until `until`. A message waits while an older one about the same
    /// subject is undelivered. `None` when no message is due, or another replica was faster.
    pub async fn claim(
        &self,
        target: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> sqlx::Result<Option<Letter>> {
        let sql = "SELECT id, message, written, tries FROM outbox AS one
                   WHERE target = $1 AND state = 'waiting' AND (due <= $2 OR due > $3) AND NOT EXISTS (
                       SELECT 1 FROM outbox AS older WHERE older.target = one.target
                       AND older.subject = one.subject AND older.state = 'waiting'
                       AND older.position < one.position)
                   ORDER BY position LIMIT 1";
        let row: Option<Row> =
            fetch_optional!(self.0, sql, target, now.0, now.0.saturating_add(DUE_MS_MAX))?;
        let Some(row) = row else { return Ok(None) };
        let sql = "UPDATE outbox SET due = $1, tries = tries + 1
                   WHERE id = $2 AND tries = $3 AND state = 'waiting'";
        let claimed = execute!(self.0, sql, until.0, &row.id, row.tries)?;
        let letter = Row { tries: row.tries + 1, ..row }.letter(self.0.vault())?;
        Ok((claimed == 1).then_some(letter))
    }

    /// Stores the result of an attempt, unless another replica has claimed the message.
    ///
    /// # Errors
    /// When the store fails. The message is then sent again when the claim ends.
    pub async fn settle(
        &self,
        target: &str,
        letter: &Letter,
        settled: &Settled,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let (state, due, ended, trouble) = match settled {
            Settled::Delivered => ("delivered", now, Some(now), None),
            Settled::Later { due, trouble, .. } => ("waiting", *due, None, Some(trouble)),
            Settled::GivenUp { trouble } => ("given_up", now, Some(now), Some(trouble)),
        };
        let trouble = trouble.map(|trouble| redact::text(trouble));
        let sql = "UPDATE outbox SET state = $1, due = $2, ended = $3, trouble = $4
                   WHERE id = $5 AND tries = $6 AND state = 'waiting'";
        execute!(
            self.0,
            sql,
            state,
            due.0,
            ended.map(|ended| ended.0),
            trouble,
            &letter.id,
            i64::from(letter.tries)
        )?;
        if let Settled::Later { due, all: true, .. } = settled {
            let sql = "UPDATE outbox SET due = $1
                       WHERE target = $2 AND state = 'waiting' AND due < $1";
            execute!(self.0, sql, due.0, target)?;
        }
        Ok(())
    }

    /// Gives up undelivered messages written before `old`, and deletes those that ended before `forgotten`.
    /// Returns the number given up, whose webhooks are no longer configured.
    pub async fn sweep(
        &self,
        old: Timestamp,
        forgotten: Timestamp,
        now: Timestamp,
    ) -> sqlx::Result<u64> {
        let sql = "UPDATE outbox SET state = 'given_up', ended = $1,
                   trouble = coalesce(trouble, 'the webhook is no longer configured')
                   WHERE state = 'waiting' AND written < $2";
        let swept = execute!(self.0, sql, now.0, old.0)?;
        let sql = "DELETE FROM outbox WHERE state <> 'waiting' AND ended < $1";
        execute!(self.0, sql, forgotten.0)?;
        Ok(swept)
    }
}

impl Row {
    fn letter(self, vault: &Vault) -> sqlx::Result<Letter> {
        let message = vault.unseal(MESSAGE.of(&self.id), &self.message)?;
        Ok(Letter {
            id: self.id,
            message: from_json(&message)?,
            written: Timestamp(self.written),
            tries: u32::try_from(self.tries).map_err(bad)?,
        })
    }
}
