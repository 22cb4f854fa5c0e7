//! Sessions in the store.
//!
//! The table has a hash of the cookie's value, so that somebody who reads the database or a copy cannot take over a
//! session. Only a sign-in inserts a row; everything else updates or deletes rows, so an ended session stays ended.

mod rows;

use super::ledger::{self, LedgerError};
use super::people;
use super::statement::{execute, fetch_all, fetch_optional, json, scalar};
use super::{Database, Tx};
use crate::entries::Others;
use crate::entries::Principal;
use ::ledger::entry::Draft;
use domain::timestamp::Timestamp;
use domain::user::User;
use rows::{Row, searchable};
use serde::{Deserialize, Serialize};

/// Maximum number of sessions of one person. A further sign-in ends the least recently used one.
pub const PER_PERSON_MAX: usize = 20;
/// Maximum number of expired sessions deleted per statement.
const SWEPT_MAX: i64 = 1_000;

const COLUMNS: &str = "handle, who, signed_in, seen, address, agent";

/// The table of sessions.
#[derive(Debug, Clone)]
pub struct Sessions(Database);

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// The public name of the session, which grants no access.
    pub handle: String,
    pub user: User,
    pub signed_in: Timestamp,
    /// The time of the last request, to the minute.
    pub seen: Timestamp,
    /// The address of the sign-in.
    pub address: String,
    /// The browser's user agent.
    pub agent: String,
}

/// Selects sessions to end.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// By handle.
    One(&'a str),
    /// All of a person's sessions except one.
    Others { person: &'a str, but: &'a str },
    /// All of a person's sessions.
    All(&'a str),
}

impl Sessions {
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The session with a key, the hash of the cookie's value.
    pub async fn find(&self, key: &str) -> sqlx::Result<Option<StoredSession>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE id = $1");
        let row: Option<Row> = fetch_optional!(self.0, &sql, key)?;
        row.map(StoredSession::try_from).transpose()
    }

    /// The session with a handle.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn named(&self, handle: &str) -> sqlx::Result<Option<StoredSession>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE handle = $1");
        let row: Option<Row> = fetch_optional!(self.0, &sql, handle)?;
        row.map(StoredSession::try_from).transpose()
    }

    /// Updates when a session was last seen, if it still exists.
    pub async fn touch(&self, key: &str, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE sessions SET seen = $2 WHERE id = $1 AND seen < $2";
        execute!(self.0, sql, key, now.0).map(|_| ())
    }

    /// Begins a session with its ledger entry, and gives the person's other sessions the same roles.
    ///
    /// # Errors
    /// [`LedgerError`]. The sign-in must then fail.
    pub async fn begin(
        &self,
        key: &str,
        kept: &StoredSession,
        by: &Principal,
        entry: impl FnOnce(Others) -> Draft,
    ) -> Result<(), LedgerError> {
        let person = by.id();
        let who = json(&kept.user);
        let mut tx = self.0.begin().await?;
        people::keep(&mut tx, by, kept.signed_in).await?;
        let update = "UPDATE sessions SET who = $2, words = $3 WHERE person = $1 AND who <> $2";
        let updated = execute!(tx, update, &person, &who, searchable(&kept.user))?;
        let ended = make_room(&mut tx, &person).await?;
        let sql = "INSERT INTO sessions
            (id, handle, person, words, who, signed_in, seen, address, agent)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        execute!(
            tx,
            sql,
            key,
            &kept.handle,
            &person,
            searchable(&kept.user),
            &who,
            kept.signed_in.0,
            kept.seen.0,
            &kept.address,
            &kept.agent
        )?;
        ledger::append(&mut tx, entry(Others { updated, ended })).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the session with a key; returns whether it existed.
    pub async fn end(&self, key: &str) -> sqlx::Result<bool> {
        let sql = "DELETE FROM sessions WHERE id = $1";
        let done = execute!(self.0, sql, key)?;
        Ok(done > 0)
    }

    /// Ends sessions with a ledger entry; returns their number. Writes nothing if no session matches.
    ///
    /// # Errors
    /// [`LedgerError`]. No session is then ended.
    pub async fn end_with(
        &self,
        which: Which<'_>,
        entry: impl FnOnce(u64) -> Draft,
    ) -> Result<u64, LedgerError> {
        let (sql, one, two) = match which {
            Which::One(handle) => {
                ("DELETE FROM sessions WHERE handle = $1 AND $2 = ''", handle, "")
            }
            Which::Others { person, but } => {
                ("DELETE FROM sessions WHERE person = $1 AND handle <> $2", person, but)
            }
            Which::All(person) => {
                ("DELETE FROM sessions WHERE person = $1 AND $2 = ''", person, "")
            }
        };
        let mut tx = self.0.begin().await?;
        let ended = execute!(tx, sql, one, two)?;
        if ended > 0 {
            ledger::append(&mut tx, entry(ended)).await?;
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// A person's sessions, the newest first.
    pub async fn of(&self, person: &str) -> sqlx::Result<Vec<StoredSession>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sessions WHERE person = $1 ORDER BY signed_in DESC, handle"
        );
        let rows: Vec<Row> = fetch_all!(self.0, &sql, person)?;
        rows.into_iter().map(StoredSession::try_from).collect()
    }

    /// The sessions of people whose names contain `text`, the last seen first: at most `limit`, and the total
    /// number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search(&self, text: &str, limit: i64) -> sqlx::Result<(Vec<StoredSession>, u64)> {
        let pattern = rows::pattern(text);
        let count = "SELECT COUNT(*) FROM sessions WHERE words LIKE $1 ESCAPE '\\'";
        let found: i64 = scalar!(self.0, count, &pattern)?;
        let sql = format!(
            "SELECT {COLUMNS} FROM sessions WHERE words LIKE $1 ESCAPE '\\'
             ORDER BY seen DESC, handle LIMIT $2"
        );
        let rows: Vec<Row> = fetch_all!(self.0, &sql, &pattern, limit)?;
        let kept = rows.into_iter().map(StoredSession::try_from).collect::<sqlx::Result<_>>()?;
        Ok((kept, u64::try_from(found).unwrap_or_default()))
    }

    /// Deletes up to `SWEPT_MAX` expired sessions: not seen since `idle`, or begun before `absolute`. Returns
    /// their number and whether more may remain.
    pub async fn sweep(&self, idle: Timestamp, absolute: Timestamp) -> sqlx::Result<(u64, bool)> {
        let sql = "DELETE FROM sessions WHERE id IN
            (SELECT id FROM sessions WHERE seen < $1 OR signed_in < $2 LIMIT $3)";
        let swept = execute!(self.0, sql, idle.0, absolute.0, SWEPT_MAX)?;
        Ok((swept, i64::try_from(swept).is_ok_and(|swept| swept >= SWEPT_MAX)))
    }

    /// The number of sessions.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&self) -> sqlx::Result<u64> {
        let sql = "SELECT COUNT(*) FROM sessions";
        let count: i64 = scalar!(self.0, sql)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

/// Ends a person's least recently used sessions to make room for one more; returns their number.
async fn make_room(tx: &mut Tx, person: &str) -> sqlx::Result<u64> {
    let sql = "DELETE FROM sessions WHERE person = $1 AND id NOT IN
        (SELECT id FROM sessions WHERE person = $1 ORDER BY seen DESC, id LIMIT $2)";
    let stay = i64::try_from(PER_PERSON_MAX - 1).unwrap_or(i64::MAX);
    execute!(tx, sql, person, stay)
}
