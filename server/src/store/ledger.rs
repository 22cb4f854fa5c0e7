//! The ledger in the store. [`append`] works inside the transaction of what it records; the tables
//! refuse UPDATE and DELETE by themselves.

mod index;
mod questions;

use super::{Database, Tx, on, within};
use crate::redact;
use app::domain::timestamp::Timestamp;
use ledger::canonical;
use ledger::entry::{Draft, Entry, Kind};
use ledger::tree::{Edge, Hash, Known, Question, leaf};
use sqlx::FromRow;

pub use index::{Index, Row};
pub use questions::{PAGE, Search};

use index::searchable;

/// Why the ledger cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
    /// An entry does not fit.
    #[error("an entry cannot be written in its canonical form")]
    Entry(#[from] canonical::NotCanonical),
    /// What is stored contradicts itself.
    #[error(
        "the stored ledger contradicts itself: {0}. “understudy ledger verify --database” looks at all of it"
    )]
    Broken(String),
}

impl From<ledger::tree::NoProof> for LedgerError {
    fn from(error: ledger::tree::NoProof) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A stored entry's line.
#[derive(Debug, FromRow)]
struct LineRow {
    position: i64,
    line: String,
}

#[derive(Debug, FromRow)]
struct HashRow {
    position: i64,
    hash: Vec<u8>,
}

/// Appends an entry; it is there when the transaction is committed.
///
/// # Errors
/// [`LedgerError`]; then the transaction must not be committed.
pub async fn append(tx: &mut Tx, draft: Draft) -> Result<Entry, LedgerError> {
    let draft = without_secrets(draft);
    let last = "SELECT position, line FROM ledger ORDER BY position DESC LIMIT 1";
    let last: Option<LineRow> =
        within!(tx, connection => sqlx::query_as(last).fetch_optional(connection).await?);
    let size = last.as_ref().map_or(0, |last| unsigned(last.position) + 1);
    let previous = last.map_or(Hash::EMPTY, |last| leaf(last.line.as_bytes()));
    let mut edge = Edge::resume(size, &edge_hashes(tx, size).await?)?;
    let entry = draft.at(size, previous);
    let line = canonical::line(&entry)?;
    insert(tx, &entry, &line).await?;
    for (position, hash) in edge.push(leaf(&line))? {
        let sql = "INSERT INTO ledger_hashes (position, hash) VALUES ($1, $2)";
        within!(tx, connection => sqlx::query(sql)
            .bind(signed(position))
            .bind(hash.0.as_slice())
            .execute(connection)
            .await
            .map(|_| ())?);
    }
    Ok(entry)
}

/// An entry is kept for ever, exported and hashed: nothing in it may be secret. Names and routes say what happened where,
/// and stay as they are whatever somebody calls a secret; sentences may repeat what was sent.
fn without_secrets(mut draft: Draft) -> Draft {
    draft.what = redact::scope::public(&draft.what);
    draft.by.name = redact::scope::public(&draft.by.name);
    draft.reason = draft.reason.map(|reason| redact::text(&reason));
    draft.result.message = draft.result.message.map(|message| redact::text(&message));
    for facts in [&mut draft.before, &mut draft.after] {
        facts.values_mut().for_each(|fact| *fact = redact::scope::public(fact));
    }
    draft
}

async fn edge_hashes(tx: &mut Tx, size: u64) -> Result<Known, LedgerError> {
    let mut known = Known::default();
    for position in (Question::Root { size }).needs()? {
        let sql = "SELECT position, hash FROM ledger_hashes WHERE position = $1";
        let row: HashRow = within!(tx, connection => sqlx::query_as(sql)
            .bind(signed(position))
            .fetch_one(connection)
            .await?);
        known.0.insert(position, hash(row)?);
    }
    Ok(known)
}

async fn insert(tx: &mut Tx, entry: &Entry, line: &[u8]) -> Result<(), LedgerError> {
    let index = Index::of(entry);
    let sql = "INSERT INTO ledger
        (position, line, at, kind, outcome, person, stage, endpoint, route, words)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    within!(tx, connection => sqlx::query(sql)
        .bind(signed(entry.index))
        .bind(String::from_utf8_lossy(line).into_owned())
        .bind(index.at)
        .bind(&index.kind)
        .bind(&index.outcome)
        .bind(&index.person)
        .bind(&index.stage)
        .bind(&index.endpoint)
        .bind(&index.route)
        .bind(&index.words)
        .execute(connection)
        .await
        .map(|_| ())?);
    Ok(())
}

/// The table's way of writing an index; the ledger never comes near the limit.
fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or_default()
}

fn hash(row: HashRow) -> Result<Hash, LedgerError> {
    let position = row.position;
    let bytes = row.hash.try_into();
    bytes.map(Hash).map_err(|_| LedgerError::Broken(format!("hash {position} is none")))
}

/// The ledger's tables.
#[derive(Debug, Clone)]
pub struct Ledger(Database);

impl Ledger {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Appends an entry in a transaction of its own.
    ///
    /// # Errors
    /// [`LedgerError`]; then it is not there.
    pub async fn record(&self, draft: Draft) -> Result<Entry, LedgerError> {
        let mut tx = self.0.begin().await?;
        let entry = append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Records what `draft` makes of the newest entry of a kind, if it makes anything of it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn record_change(
        &self,
        kind: Kind,
        draft: impl FnOnce(Option<Entry>) -> Option<Draft>,
    ) -> Result<(), LedgerError> {
        let mut tx = self.0.begin().await?;
        let sql =
            "SELECT position, line FROM ledger WHERE kind = $1 ORDER BY position DESC LIMIT 1";
        let last: Option<LineRow> = within!(&mut tx, connection => sqlx::query_as(sql)
            .bind(kind.word())
            .fetch_optional(connection)
            .await?);
        if let Some(draft) = draft(last.map(read).transpose()?) {
            append(&mut tx, draft).await?;
            return Ok(tx.commit().await?);
        }
        Ok(tx.rollback().await?)
    }

    /// Keeps a signed checkpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_checkpoint(&self, size: u64, note: &str) -> sqlx::Result<()> {
        let sql =
            "INSERT INTO ledger_checkpoints (size, note) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        on!(&self.0, pool => sqlx::query(sql)
            .bind(signed(size))
            .bind(note)
            .execute(pool)
            .await
            .map(|_| ()))
    }
}

fn read(row: LineRow) -> Result<Entry, LedgerError> {
    let entry = canonical::entry(row.line.as_bytes());
    entry.map_err(|error| LedgerError::Broken(format!("entry {}: {error}", row.position)))
}

/// The newest time that an entry may have, for searches.
pub(crate) fn at_most(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MAX, |time| time.0)
}
