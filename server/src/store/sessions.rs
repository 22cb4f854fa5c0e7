//! Sessions in the store: who is signed in, since when, and from where.
//!
//! What stands in the cookie is not what stands in the table, but its hash: whoever reads the database, or
//! a copy of it, cannot take over a session. A row is made by signing in and by nothing else; everything
//! else updates or deletes what exists, so that a session that has ended stays ended.

mod rows;

use super::ledger::{self, LedgerError};
use super::people;
use super::{Database, Tx, on, within};
use crate::history::Asker;
use ::ledger::entry::Draft;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use rows::{Row, searchable};
use serde::{Deserialize, Serialize};

/// Sessions of one person at a time. Signing in once more ends the one that was used least lately.
pub const PER_PERSON_MAX: usize = 20;
/// Expired sessions that are deleted in one statement.
const SWEPT_MAX: i64 = 1_000;

const COLUMNS: &str = "handle, who, signed_in, seen, address, agent";

/// The table of sessions.
#[derive(Debug, Clone)]
pub struct Sessions(Database);

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// By which people name it; it opens nothing.
    pub handle: String,
    /// Whose.
    pub user: User,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When their last request came, to the minute.
    pub seen: Timestamp,
    /// From which address they signed in.
    pub address: String,
    /// What their browser says it is.
    pub agent: String,
}

/// What a sign-in did to the person's other sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Others {
    /// So many have other roles from here on.
    pub updated: u64,
    /// So many were ended, because there were too many.
    pub ended: u64,
}

/// Sessions that are to end.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// One of anybody.
    One(&'a str),
    /// All of a person but one.
    Others {
        /// Directory and object.
        person: &'a str,
        /// The one that stays.
        but: &'a str,
    },
    /// All of a person.
    All(&'a str),
}

impl Sessions {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The session of a key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&self, key: &str) -> sqlx::Result<Option<Kept>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE id = $1");
        let row: Option<Row> =
            on!(&self.0, pool => sqlx::query_as(&sql).bind(key).fetch_optional(pool).await?);
        row.map(Kept::try_from).transpose()
    }

    /// The session of a handle.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn named(&self, handle: &str) -> sqlx::Result<Option<Kept>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE handle = $1");
        let row: Option<Row> =
            on!(&self.0, pool => sqlx::query_as(&sql).bind(handle).fetch_optional(pool).await?);
        row.map(Kept::try_from).transpose()
    }

    /// Writes down when a session was last seen, if it still exists.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn touch(&self, key: &str, now: Timestamp) -> sqlx::Result<()> {
        let sql = "UPDATE sessions SET seen = $2 WHERE id = $1 AND seen < $2";
        on!(&self.0, pool => sqlx::query(sql).bind(key).bind(now.0).execute(pool).await.map(|_| ()))
    }

    /// Begins a session together with the entry that says so, and gives the person's other sessions the same
    /// roles.
    ///
    /// # Errors
    /// [`LedgerError`]; then nobody is signed in.
    pub async fn begin(
        &self,
        key: &str,
        kept: &Kept,
        by: &Asker,
        entry: impl FnOnce(Others) -> Draft,
    ) -> Result<(), LedgerError> {
        let person = by.id();
        let who = rows::who(&kept.user);
        let mut tx = self.0.begin().await?;
        people::keep(&mut tx, by, kept.signed_in).await?;
        let update = "UPDATE sessions SET who = $2, words = $3 WHERE person = $1 AND who <> $2";
        let updated = within!(&mut tx, c => sqlx::query(update)
            .bind(&person)
            .bind(&who)
            .bind(searchable(&kept.user))
            .execute(c)
            .await?
            .rows_affected());
        let ended = make_room(&mut tx, &person).await?;
        let sql = "INSERT INTO sessions
            (id, handle, person, words, who, signed_in, seen, address, agent)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        within!(&mut tx, c => sqlx::query(sql)
            .bind(key)
            .bind(&kept.handle)
            .bind(&person)
            .bind(searchable(&kept.user))
            .bind(&who)
            .bind(kept.signed_in.0)
            .bind(kept.seen.0)
            .bind(&kept.address)
            .bind(&kept.agent)
            .execute(c)
            .await
            .map(|_| ())?);
        ledger::append(&mut tx, entry(Others { updated, ended })).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the session of a key; whether there was one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end(&self, key: &str) -> sqlx::Result<bool> {
        let sql = "DELETE FROM sessions WHERE id = $1";
        let done =
            on!(&self.0, pool => sqlx::query(sql).bind(key).execute(pool).await?.rows_affected());
        Ok(done > 0)
    }

    /// Ends sessions together with the entry that says so; how many. When there are none, nothing is written.
    ///
    /// # Errors
    /// [`LedgerError`]; then all of them go on.
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
        let ended = within!(&mut tx, c => sqlx::query(sql)
            .bind(one)
            .bind(two)
            .execute(c)
            .await?
            .rows_affected());
        if ended > 0 {
            ledger::append(&mut tx, entry(ended)).await?;
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// A person's sessions, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(&self, person: &str) -> sqlx::Result<Vec<Kept>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM sessions WHERE person = $1 ORDER BY signed_in DESC, handle"
        );
        let rows: Vec<Row> =
            on!(&self.0, pool => sqlx::query_as(&sql).bind(person).fetch_all(pool).await?);
        rows.into_iter().map(Kept::try_from).collect()
    }

    /// Everybody's sessions in whose names a text is found, the last seen first: at most `limit`, and how many
    /// there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search(&self, text: &str, limit: i64) -> sqlx::Result<(Vec<Kept>, u64)> {
        let pattern = rows::pattern(text);
        let count = "SELECT COUNT(*) FROM sessions WHERE words LIKE $1 ESCAPE '\\'";
        let found: (i64,) =
            on!(&self.0, pool => sqlx::query_as(count).bind(&pattern).fetch_one(pool).await?);
        let sql = format!(
            "SELECT {COLUMNS} FROM sessions WHERE words LIKE $1 ESCAPE '\\'
             ORDER BY seen DESC, handle LIMIT $2"
        );
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(&sql)
            .bind(&pattern)
            .bind(limit)
            .fetch_all(pool)
            .await?);
        let kept = rows.into_iter().map(Kept::try_from).collect::<sqlx::Result<_>>()?;
        Ok((kept, u64::try_from(found.0).unwrap_or_default()))
    }

    /// Deletes some of the sessions whose time is over: not seen since `idle`, or begun before `absolute`. How
    /// many; fewer than the most at once mean that none are left.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, idle: Timestamp, absolute: Timestamp) -> sqlx::Result<(u64, bool)> {
        let sql = "DELETE FROM sessions WHERE id IN
            (SELECT id FROM sessions WHERE seen < $1 OR signed_in < $2 LIMIT $3)";
        let swept = on!(&self.0, pool => sqlx::query(sql)
            .bind(idle.0)
            .bind(absolute.0)
            .bind(SWEPT_MAX)
            .execute(pool)
            .await?
            .rows_affected());
        Ok((swept, i64::try_from(swept).is_ok_and(|swept| swept >= SWEPT_MAX)))
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count(&self) -> sqlx::Result<u64> {
        let sql = "SELECT COUNT(*) FROM sessions";
        let (count,): (i64,) = on!(&self.0, pool => sqlx::query_as(sql).fetch_one(pool).await?);
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

/// Ends those of a person's sessions that leave no room for one more; how many.
async fn make_room(tx: &mut Tx, person: &str) -> sqlx::Result<u64> {
    let sql = "DELETE FROM sessions WHERE person = $1 AND id NOT IN
        (SELECT id FROM sessions WHERE person = $1 ORDER BY seen DESC, id LIMIT $2)";
    let stay = i64::try_from(PER_PERSON_MAX - 1).unwrap_or(i64::MAX);
    within!(tx, c => sqlx::query(sql)
        .bind(person)
        .bind(stay)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}
