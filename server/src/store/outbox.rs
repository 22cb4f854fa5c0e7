//! The outbox: messages to webhooks. [`enter`] works inside the transaction of what is told, so that nothing
//! is lost by a crash, and nothing is told that did not happen.
//!
//! To try a message is to claim it: its time is put off and its tries grow, if nobody else's have. Whoever
//! crashes with a claim keeps the message from the others until then, and no longer. Settling asks for the
//! newest number of tries, so that one who was paused settles nothing that others have in hand.

mod health;

use super::vault::{MESSAGE, Sealed, Vault};
use super::{Database, Tx, on, within};
use crate::notify::news::{Message, News};
use crate::notify::setup::Addressees;
use crate::redact;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// A message that is due later than this was put off by a clock that has been set back since, in milliseconds.
pub const DUE_MS_MAX: i64 = 24 * 3_600_000;

/// What is written down once for a webhook.
#[derive(Debug, Clone, Copy)]
pub struct Topic<'a> {
    /// What it is told once.
    pub topic: &'a str,
    /// Messages about one thing do not overtake each other.
    pub subject: &'a str,
}

/// A message to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The message's id, the same at every try.
    pub id: String,
    /// What.
    pub message: Message,
    /// When it was written down.
    pub written: Timestamp,
    /// Which try this is, from 1.
    pub tries: u32,
}

/// What becomes of a message after a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has arrived.
    Delivered,
    /// It is tried again.
    Later {
        /// When.
        due: Timestamp,
        /// Whether all of the webhook's messages wait as long: it asked for that.
        all: bool,
        /// Why it has not arrived.
        trouble: String,
    },
    /// It is not.
    GivenUp {
        /// Why it has not arrived.
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

/// Writes news down for all webhooks that are told of them. A webhook is told of a topic once.
///
/// # Errors
/// When the store fails: then the transaction must not be committed.
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

/// Writes one message down for one webhook.
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
    // These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
    let json = serde_json::to_string(message).unwrap_or_default();
    let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
    let Sealed { by, text } = tx.vault().seal(MESSAGE.of(&id), &json)?;
    within!(tx, connection => sqlx::query(sql)
        .bind(&id)
        .bind(target)
        .bind(about.topic)
        .bind(about.subject)
        .bind(text)
        .bind(now.0)
        .bind(by)
        .execute(connection)
        .await
        .map(|_| ()))
}

/// A webhook's newest message.
#[derive(Debug)]
pub struct Newest {
    /// What.
    pub message: Message,
    /// When it was written down.
    pub written: Timestamp,
    /// Whether any message to the webhook is still to be delivered.
    pub is_waiting: bool,
}

/// A webhook's newest message, inside a transaction.
///
/// # Errors
/// When the store fails, or what is stored is not ours.
pub async fn newest(tx: &mut Tx, target: &str) -> sqlx::Result<Option<Newest>> {
    let sql = "SELECT id, message, written, tries FROM outbox WHERE target = $1
               ORDER BY position DESC LIMIT 1";
    let row: Option<Row> = within!(tx, connection => sqlx::query_as(sql)
        .bind(target)
        .fetch_optional(connection)
        .await?);
    let Some(row) = row else { return Ok(None) };
    let sql = "SELECT count(*) FROM outbox WHERE target = $1 AND state = 'waiting'";
    let waiting: i64 = within!(tx, connection => sqlx::query_scalar(sql)
        .bind(target)
        .fetch_one(connection)
        .await?);
    let Letter { message, written, .. } = row.letter(tx.vault())?;
    Ok(Some(Newest { message, written, is_waiting: waiting > 0 }))
}

/// The table of messages.
#[derive(Debug, Clone)]
pub struct Outbox(Database);

impl Outbox {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Makes everything due: for a console that has its database for itself, whose predecessor has ended with
    /// what it had in hand.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(&self, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE outbox SET due = $1 WHERE state = 'waiting' AND due > $1";
        on!(&self.0, pool => sqlx::query(sql).bind(now.0).execute(pool).await.map(|_| ()))
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.0.begin().await
    }

    /// Takes the oldest message to a webhook in hand that is due, until `until`. What is older and about the
    /// same thing comes first; `None` when there is nothing to do, or another replica was faster.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not ours.
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
        let row: Option<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(target)
            .bind(now.0)
            .bind(now.0.saturating_add(DUE_MS_MAX))
            .fetch_optional(pool)
            .await?);
        let Some(row) = row else { return Ok(None) };
        let sql = "UPDATE outbox SET due = $1, tries = tries + 1
                   WHERE id = $2 AND tries = $3 AND state = 'waiting'";
        let claimed = on!(&self.0, pool => sqlx::query(sql)
            .bind(until.0)
            .bind(&row.id)
            .bind(row.tries)
            .execute(pool)
            .await?
            .rows_affected());
        let letter = Row { tries: row.tries + 1, ..row }.letter(self.0.vault())?;
        Ok((claimed == 1).then_some(letter))
    }

    /// Writes down what became of a message, unless another has it in hand by now.
    ///
    /// # Errors
    /// When the store fails: then it is tried again when the claim ends.
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
        on!(&self.0, pool => sqlx::query(sql)
            .bind(state)
            .bind(due.0)
            .bind(ended.map(|ended| ended.0))
            .bind(trouble)
            .bind(&letter.id)
            .bind(i64::from(letter.tries))
            .execute(pool)
            .await
            .map(|_| ())?);
        if let Settled::Later { due, all: true, .. } = settled {
            let sql = "UPDATE outbox SET due = $1
                       WHERE target = $2 AND state = 'waiting' AND due < $1";
            on!(&self.0, pool => sqlx::query(sql)
                .bind(due.0)
                .bind(target)
                .execute(pool)
                .await
                .map(|_| ())?);
        }
        Ok(())
    }

    /// Gives up what was written before `old` and has not arrived, and forgets what ended before `forgotten`.
    /// Returns how many were given up: their webhooks are not configured any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(
        &self,
        old: Timestamp,
        forgotten: Timestamp,
        now: Timestamp,
    ) -> sqlx::Result<u64> {
        let sql = "UPDATE outbox SET state = 'given_up', ended = $1,
                   trouble = coalesce(trouble, 'nobody delivers to this webhook any more')
                   WHERE state = 'waiting' AND written < $2";
        let swept = on!(&self.0, pool => sqlx::query(sql)
            .bind(now.0)
            .bind(old.0)
            .execute(pool)
            .await?
            .rows_affected());
        let sql = "DELETE FROM outbox WHERE state <> 'waiting' AND ended < $1";
        on!(&self.0, pool => sqlx::query(sql).bind(forgotten.0).execute(pool).await.map(|_| ())?);
        Ok(swept)
    }
}

impl Row {
    fn letter(self, vault: &Vault) -> sqlx::Result<Letter> {
        let message = vault.unseal(MESSAGE.of(&self.id), &self.message)?;
        let bad = |error: &dyn std::fmt::Display| sqlx::Error::Decode(error.to_string().into());
        Ok(Letter {
            id: self.id,
            message: serde_json::from_str(&message).map_err(|error| bad(&error))?,
            written: Timestamp(self.written),
            tries: u32::try_from(self.tries).map_err(|error| bad(&error))?,
        })
    }
}
