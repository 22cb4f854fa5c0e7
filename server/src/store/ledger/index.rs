//! The columns that the History screen searches. They are derived from an entry's line alone.

use super::{Ledger, LedgerError};
use crate::store::statement::{fetch_all, fetch_one, scalar, signed, unsigned};
use ledger::entry::{Entry, Kind, Outcome};
use sqlx::FromRow;

/// Maximum number of rows per read.
pub const ROWS_AT_ONCE: i64 = 1_000;

/// The search columns of an entry.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Index {
    /// Milliseconds since 1970.
    pub at: i64,
    pub kind: String,
    pub outcome: String,
    pub person: String,
    /// In lower case.
    pub stage: Option<String>,
    /// In lower case.
    pub endpoint: Option<String>,
    /// The route that applies from this entry on.
    pub route: Option<String>,
    /// The text that a free-text search covers.
    pub words: String,
}

impl Index {
    /// The index of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
        Self {
            at: entry.at.ms(),
            kind: entry.kind.word().to_owned(),
            outcome: entry.result.outcome.word().to_owned(),
            person: searchable(&entry.by.name),
            stage: lower(&entry.about.stage),
            endpoint: lower(&entry.about.endpoint),
            route: route_in_force(entry),
            words: words(entry),
        }
    }

    /// The first column in which a stored index differs, with the stored value.
    #[must_use]
    pub fn differs(&self, stored: &Self) -> Option<(&'static str, String)> {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        let columns = [
            ("at", self.at == stored.at, stored.at.to_string()),
            ("kind", self.kind == stored.kind, stored.kind.clone()),
            ("outcome", self.outcome == stored.outcome, stored.outcome.clone()),
            ("person", self.person == stored.person, stored.person.clone()),
            ("stage", self.stage == stored.stage, some(&stored.stage)),
            ("endpoint", self.endpoint == stored.endpoint, some(&stored.endpoint)),
            ("route", self.route == stored.route, some(&stored.route)),
            ("words", self.words == stored.words, stored.words.clone()),
        ];
        let other = columns.into_iter().find(|(_, is_same, _)| !is_same);
        other.map(|(column, _, found)| (column, found))
    }
}

/// The route that applies from this entry on.
fn route_in_force(entry: &Entry) -> Option<String> {
    let says = matches!(
        (entry.kind, entry.result.outcome),
        (Kind::Settled | Kind::Observed, Outcome::Done)
    );
    entry.after.get("route").filter(|_| says).cloned()
}

/// The text that a free-text search covers.
fn words(entry: &Entry) -> String {
    let about = &entry.about;
    let optional = [
        &about.stage,
        &about.endpoint,
        &about.deployment,
        &entry.reason,
        &entry.request,
        &entry.result.message,
    ];
    let mut words = vec![entry.what.as_str(), &entry.by.name];
    words.extend(optional.into_iter().flatten().map(String::as_str));
    words.extend(entry.before.values().chain(entry.after.values()).map(String::as_str));
    searchable(&words.join("\n"))
}

/// In lower case, and without NUL, which PostgreSQL cannot store.
pub(super) fn searchable(text: &str) -> String {
    text.to_lowercase().replace('\0', "\u{fffd}")
}

/// A row of the ledger's table.
#[derive(Debug, FromRow)]
pub struct Row {
    pub position: i64,
    pub line: String,
    #[sqlx(flatten)]
    pub index: Index,
}

/// The extent of the tables at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Extent {
    pub rows: i64,
    /// The first position; 0 without rows.
    pub first: i64,
    /// The last position; -1 without rows.
    pub last: i64,
    pub hash_rows: i64,
    /// The first position of a hash; 0 without rows.
    pub first_hash: i64,
    /// The last position of a hash; -1 without rows.
    pub last_hash: i64,
}

impl Ledger {
    /// The extent of the tables.
    pub async fn extent(&self) -> Result<Extent, LedgerError> {
        // One statement, so that the numbers are consistent.
        let sql = "SELECT
            (SELECT count(*) FROM ledger) AS rows,
            (SELECT coalesce(min(position), 0) FROM ledger) AS first,
            (SELECT coalesce(max(position), -1) FROM ledger) AS last,
            (SELECT count(*) FROM ledger_hashes) AS hash_rows,
            (SELECT coalesce(min(position), 0) FROM ledger_hashes) AS first_hash,
            (SELECT coalesce(max(position), -1) FROM ledger_hashes) AS last_hash";
        Ok(fetch_one!(self.0, sql)?)
    }

    /// The rows from `index` on, before `size`, with all columns; at most [`ROWS_AT_ONCE`].
    ///
    /// # Errors
    /// [`LedgerError`]; a column that cannot be read was altered.
    pub async fn rows(&self, index: u64, size: u64) -> Result<Vec<Row>, LedgerError> {
        let sql = "SELECT position, line, at, kind, outcome, person, stage, endpoint, route, words
                   FROM ledger WHERE position >= $1 AND position < $2 ORDER BY position LIMIT $3";
        let rows = fetch_all!(self.0, sql, signed(index), signed(size), ROWS_AT_ONCE);
        rows.map_err(|error| illegible("an entry", index, error))
    }

    /// The hashes from `position` on, before `end`.
    ///
    /// # Errors
    /// [`LedgerError`]; a column that cannot be read was altered.
    pub async fn hashes(
        &self,
        position: u64,
        end: u64,
    ) -> Result<Vec<(u64, Vec<u8>)>, LedgerError> {
        let sql = "SELECT position, hash FROM ledger_hashes WHERE position >= $1 AND position < $2
                   ORDER BY position";
        let rows = fetch_all!(self.0, sql, signed(position), signed(end));
        let rows: Vec<(i64, Vec<u8>)> =
            rows.map_err(|error| illegible("a hash of the tree", position, error))?;
        Ok(rows.into_iter().map(|(position, hash)| (unsigned(position), hash)).collect())
    }

    /// The stored checkpoints by size, after the first `skipped`.
    ///
    /// # Errors
    /// [`LedgerError`]; a column that cannot be read was altered.
    pub async fn all_checkpoints(&self, skipped: u64) -> Result<Vec<(i64, String)>, LedgerError> {
        let sql =
            "SELECT size, note FROM ledger_checkpoints ORDER BY size, note LIMIT $1 OFFSET $2";
        let rows = fetch_all!(self.0, sql, ROWS_AT_ONCE, signed(skipped));
        rows.map_err(|error| illegible("a checkpoint", skipped, error))
    }

    /// Whether a checkpoint is stored.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn keeps_checkpoint(&self, size: u64, note: &str) -> Result<bool, LedgerError> {
        let sql = "SELECT count(*) FROM ledger_checkpoints WHERE size = $1 AND note = $2";
        let count: i64 = scalar!(self.0, sql, signed(size), note)?;
        Ok(count > 0)
    }
}

/// Reports a value of the wrong type as an alteration.
fn illegible(what: &str, from: u64, error: sqlx::Error) -> LedgerError {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            LedgerError::Broken(format!("{what} from {from} on was altered: {error}"))
        }
        error => error.into(),
    }
}
