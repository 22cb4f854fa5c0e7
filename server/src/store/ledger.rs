//! The ledger in the store. [`append`] writes in the transaction of the event that it records. Triggers on the tables
//! refuse UPDATE and DELETE.

mod index;
mod questions;

use super::statement::{execute, fetch_one, fetch_optional, signed, unsigned};
use super::{Database, Tx};
use crate::redact;
use domain::timestamp::Timestamp;
use ledger::canonical;
use ledger::entry::{Draft, Entry, Kind};
use ledger::tree::{Edge, Hash, Known, Question, leaf};
use sqlx::FromRow;

pub use index::{Index, Row};
pub use questions::{PAGE, Search};

use index::searchable;

/// Why the ledger could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
    #[error("an entry cannot be written in its canonical form")]
    Entry(#[from] canonical::NotCanonical),
    #[error(
        "the stored ledger is inconsistent: {0}. To verify all of it, run “understudy ledger verify --database”"
    )]
    Broken(String),
}

impl From<ledger::tree::NoProof> for LedgerError {
    fn from(error: ledger::tree::NoProof) -> Self {
        Self::Broken(error.to_string())
    }
}

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

/// Appends an entry, which takes effect with the transaction.
///
/// # Errors
/// [`LedgerError`]. The transaction must then not be committed.
pub async fn append(tx: &mut Tx, draft: Draft) -> Result<Entry, LedgerError> {
    let draft = without_secrets(draft);
    let last = "SELECT position, line FROM ledger ORDER BY position DESC LIMIT 1";
    let last: Option<LineRow> = fetch_optional!(tx, last)?;
    let size = last.as_ref().map_or(0, |last| unsigned(last.position) + 1);
    let previous = last.map_or(Hash::EMPTY, |last| leaf(last.line.as_bytes()));
    let mut edge = Edge::resume(size, &edge_hashes(tx, size).await?)?;
    let entry = draft.at(size, previous);
    let line = canonical::line(&entry)?;
    insert(tx, &entry, &line).await?;
    for (position, hash) in edge.push(leaf(&line))? {
        let sql = "INSERT INTO ledger_hashes (position, hash) VALUES ($1, $2)";
        execute!(tx, sql, signed(position), hash.0.as_slice())?;
    }
    Ok(entry)
}

/// Removes secrets, because an entry is permanent and exported. Sentences may repeat secrets that were sent, so all
/// known ones are replaced; names and routes must stay readable, so only `public` applies to them.
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
        let row: HashRow = fetch_one!(tx, sql, signed(position))?;
        known.0.insert(position, hash(row)?);
    }
    Ok(known)
}

async fn insert(tx: &mut Tx, entry: &Entry, line: &[u8]) -> Result<(), LedgerError> {
    let index = Index::of(entry);
    let sql = "INSERT INTO ledger
        (position, line, at, kind, outcome, person, stage, endpoint, route, words)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute!(
        tx,
        sql,
        signed(entry.index),
        String::from_utf8_lossy(line).into_owned(),
        index.at,
        &index.kind,
        &index.outcome,
        &index.person,
        &index.stage,
        &index.endpoint,
        &index.route,
        &index.words
    )?;
    Ok(())
}

fn hash(row: HashRow) -> Result<Hash, LedgerError> {
    let position = row.position;
    let bytes = row.hash.try_into();
    bytes.map(Hash).map_err(|_| LedgerError::Broken(format!("hash {position} is invalid")))
}

/// The ledger's tables.
#[derive(Debug, Clone)]
pub struct Ledger(Database);

impl Ledger {
    /// The tables in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Appends an entry in a transaction of its own.
    ///
    /// # Errors
    /// [`LedgerError`]. The entry is then not written.
    pub async fn record(&self, draft: Draft) -> Result<Entry, LedgerError> {
        let mut tx = self.0.begin().await?;
        let entry = append(&mut tx, draft).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Appends the entry that `draft` makes from the newest entry of a kind, if it makes one.
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
        let last: Option<LineRow> = fetch_optional!(tx, sql, kind.word())?;
        if let Some(draft) = draft(last.map(read).transpose()?) {
            append(&mut tx, draft).await?;
            return Ok(tx.commit().await?);
        }
        Ok(tx.rollback().await?)
    }

    /// Stores a signed checkpoint.
    pub async fn keep_checkpoint(&self, size: u64, note: &str) -> sqlx::Result<()> {
        let sql =
            "INSERT INTO ledger_checkpoints (size, note) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        execute!(self.0, sql, signed(size), note).map(|_| ())
    }
}

fn read(row: LineRow) -> Result<Entry, LedgerError> {
    let entry = canonical::entry(row.line.as_bytes());
    entry.map_err(|error| LedgerError::Broken(format!("entry {}: {error}", row.position)))
}

/// The upper limit for an entry's time, for searches.
pub(crate) fn at_most(time: Option<Timestamp>) -> i64 {
    time.map_or(i64::MAX, |time| time.0)
}
