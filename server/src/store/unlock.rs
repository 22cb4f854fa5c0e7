//! Reading the keys of a database, and sealing with the first of them what is not: rows that older versions wrote in
//! clear, and rows that a former key sealed. In chunks, each a transaction, so that a start that is interrupted is
//! gone on with by the next one, and replicas may do it at once.

use super::vault::{Column, MESSAGE, OWN, PLANNED, STEPS, WISH};
use super::{Database, Tx, on, within};
use crate::secrets::file::KeyFile;
use crate::secrets::{Closed, Keyring, Marks, Secrets};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The row with the key of marks.
const MARKS: &str = "marks";
/// Rows that are sealed in one transaction. Others write in between.
const ROWS_MAX: i64 = 100;
/// Tables with what is sealed, and the columns of each.
const TABLES: [(&str, &[Column]); 3] =
    [("runs", &[STEPS]), ("changes", &[WISH, PLANNED]), ("outbox", &[MESSAGE])];

impl Database {
    /// Reads the keys, and seals with the first what is not sealed with it. An empty database gets a new key, where the
    /// file may be made.
    ///
    /// # Errors
    /// When the file is not there although something is sealed, when it lacks a key, or when the store fails.
    pub async fn unlock(&self, file: &KeyFile) -> anyhow::Result<()> {
        let shown = file.path().display();
        let marks = self.marks().await.context("the database's keys cannot be read")?;
        let ring = match (file.read()?, &marks) {
            (Some(ring), _) => ring,
            (None, None) => file.make_first()?,
            (None, Some(_)) => anyhow::bail!(
                "the key file {shown} is not there, and what this database holds is sealed with a key of it. Put the file \
                 back from its backup. Without it nothing that is sealed can be opened by anybody: server/docs/operating.md \
                 says what to do when it is lost"
            ),
        };
        let (marks, is_new) = match marks {
            Some(sealed) => (sealed, false),
            None => (self.make_marks(&ring).await?, true),
        };
        let key = ring.open(OWN.of(MARKS), &marks).map_err(|why| not_ours(&why, file, is_new))?;
        let key = STANDARD_NO_PAD.decode(key).ok().and_then(|key| key.try_into().ok());
        let key = key.context("the database's key of marks is none; restore a backup")?;
        self.has_all_keys(&ring, file).await?;
        self.vault().put(Secrets::new(ring.clone(), Marks::new(&key)));
        self.seal_again(&ring).await.context("what is in the database cannot be sealed")
    }

    /// The key of marks, sealed; `None` in a database that has none.
    async fn marks(&self) -> sqlx::Result<Option<String>> {
        let sql = "SELECT sealed FROM secrets WHERE name = $1";
        on!(self, pool => sqlx::query_scalar(sql).bind(MARKS).fetch_optional(pool).await)
    }

    /// Makes a key of marks. Of two replicas that do so at once, one does; both have what it made.
    async fn make_marks(&self, ring: &Keyring) -> anyhow::Result<String> {
        let key: [u8; crate::secrets::MARK_KEY_BYTES] = rand::random();
        let sealed = ring.seal(OWN.of(MARKS), &STANDARD_NO_PAD.encode(key))?;
        let sql =
            "INSERT INTO secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        on!(self, pool => sqlx::query(sql).bind(MARKS).bind(sealed).execute(pool).await.map(|_| ()))?;
        self.marks().await?.context("the key of marks was not kept")
    }

    /// Refuses a file that lacks a key with which something is sealed.
    async fn has_all_keys(&self, ring: &Keyring, file: &KeyFile) -> anyhow::Result<()> {
        for (table, _) in TABLES {
            let sql = format!("SELECT DISTINCT sealed_by FROM {table}");
            let ids: Vec<String> =
                on!(self, pool => sqlx::query_scalar(&sql).fetch_all(pool).await?);
            for id in ids.into_iter().filter(|id| !id.is_empty()) {
                let is_there = ring.ids().any(|known| known == id);
                anyhow::ensure!(is_there, not_ours(&Closed::NoKey(id), file, false));
            }
        }
        Ok(())
    }

    /// Seals what is in clear or sealed with another key than the first.
    async fn seal_again(&self, ring: &Keyring) -> anyhow::Result<()> {
        let (mut sealed, mut was_clear) = (0, false);
        for (table, columns) in TABLES {
            loop {
                let mut tx = self.begin().await?;
                let (rows, clear) = chunk(&mut tx, ring, table, columns).await?;
                tx.commit().await?;
                sealed += rows;
                was_clear |= clear;
                if rows == 0 {
                    break;
                }
            }
        }
        self.seal_marks_again(ring).await?;
        if sealed > 0 {
            tracing::info!(
                rows = sealed,
                key = ring.sealing(),
                "sealed what is stored with the first key"
            );
        }
        if let (true, Self::Sqlite(pool, _)) = (was_clear, self) {
            // Free pages may hold what stood there before this version, and so may the log.
            for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
                if let Err(error) = sqlx::query(statement).execute(pool).await {
                    tracing::warn!(
                        %error,
                        "what earlier versions wrote in clear is sealed, and the file's free pages may still hold parts \
                         of it. Make room on the disk, stop the console, and run: sqlite3 understudy.db VACUUM"
                    );
                }
            }
        }
        Ok(())
    }

    async fn seal_marks_again(&self, ring: &Keyring) -> anyhow::Result<()> {
        let Some(now) = self.marks().await? else { return Ok(()) };
        let key = ring.open(OWN.of(MARKS), &now)?;
        if ring.is_sealed_by_first(&now) {
            return Ok(());
        }
        let again = ring.seal(OWN.of(MARKS), &key)?;
        let sql = "UPDATE secrets SET sealed = $1 WHERE name = $2 AND sealed = $3";
        on!(self, pool => {
            sqlx::query(sql).bind(again).bind(MARKS).bind(now).execute(pool).await.map(|_| ())
        })?;
        Ok(())
    }
}

/// Seals some rows of a table; returns how many, and whether one was in clear.
async fn chunk(
    tx: &mut Tx,
    ring: &Keyring,
    table: &str,
    columns: &[Column],
) -> anyhow::Result<(u64, bool)> {
    let first = columns.first().map_or("''", |column| column.column);
    let second = columns.get(1).map_or("''", |column| column.column);
    // Two ranges, so that the index is used.
    let sql = format!(
        "SELECT id, sealed_by, {first}, {second} FROM {table} WHERE sealed_by < $1
         UNION ALL SELECT id, sealed_by, {first}, {second} FROM {table} WHERE sealed_by > $1
         LIMIT {ROWS_MAX}"
    );
    let rows: Vec<(String, String, String, String)> = within!(tx, connection => {
        sqlx::query_as(&sql).bind(ring.sealing()).fetch_all(connection).await?
    });
    let mut was_clear = false;
    let count = rows.len();
    for (id, by, first, second) in rows {
        for (column, text) in columns.iter().zip([first, second]) {
            let clear = match by.is_empty() {
                true => text,
                false => ring
                    .open(column.of(&id), &text)
                    .with_context(|| format!("{}.{} of {id}", column.table, column.column))?,
            };
            let sealed = ring.seal(column.of(&id), &clear)?;
            let sql = format!("UPDATE {table} SET {} = $1 WHERE id = $2", column.column);
            within!(tx, connection => {
                sqlx::query(&sql).bind(sealed).bind(&id).execute(connection).await.map(|_| ())
            })?;
        }
        was_clear |= by.is_empty();
        let sql = format!("UPDATE {table} SET sealed_by = $1 WHERE id = $2");
        within!(tx, connection => {
            sqlx::query(&sql).bind(ring.sealing()).bind(&id).execute(connection).await.map(|_| ())
        })?;
    }
    Ok((u64::try_from(count).unwrap_or(u64::MAX), was_clear))
}

fn not_ours(why: &Closed, file: &KeyFile, is_new: bool) -> anyhow::Error {
    let shown = file.path().display();
    match why {
        Closed::NoKey(id) => anyhow::anyhow!(
            "the key file {shown} does not belong to this database: what is in it is sealed with the key {id}, which is \
             not in the file. {} Nothing was changed",
            match is_new {
                true => "Another replica has just made its own; give all replicas the same file.",
                false =>
                    "Put that key back into the file, or point the console at its own database.",
            }
        ),
        why => anyhow::anyhow!(
            "what the database keeps of its keys cannot be opened with {shown}: {why}. Restore a backup of the database"
        ),
    }
}
