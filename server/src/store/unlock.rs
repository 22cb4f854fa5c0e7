//! Reads the keys of a database, and seals with the first key what is not sealed with it: rows that older versions
//! wrote as plain text, and rows that a former key sealed. Each chunk is a transaction, so that the next start can
//! continue an interrupted one, and several replicas may seal at once.

use super::statement::{execute, fetch_all, optional_scalar, scalars};
use super::vault::{Column, INTENT, MESSAGE, OWN, PLANNED, STEPS};
use super::{Database, Tx};
use crate::secrets::file::KeyFile;
use crate::secrets::{Closed, Keyring, Marks, Secrets};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The row with the key for marks.
const MARKS: &str = "marks";
/// Maximum number of rows sealed per transaction, so that others can write in between.
const ROWS_MAX: i64 = 100;
/// The sealed columns by table.
const TABLES: [(&str, &[Column]); 3] =
    [("runs", &[STEPS]), ("changes", &[INTENT, PLANNED]), ("outbox", &[MESSAGE])];

impl Database {
    /// Reads the keys, and seals with the first key what is not sealed with it. For an empty database a new key is
    /// generated if the file may be created.
    ///
    /// # Errors
    /// When the file is missing although something is sealed, when it lacks a key, or when the store fails.
    pub async fn unlock(&self, file: &KeyFile) -> anyhow::Result<()> {
        let shown = file.path().display();
        let marks = self.marks().await.context("the database's keys cannot be read")?;
        let ring = match (file.read()?, &marks) {
            (Some(ring), _) => ring,
            (None, None) => file.make_first()?,
            (None, Some(_)) => anyhow::bail!(
                "the key file {shown} is missing, but this database is sealed with a key from it. Restore the file \
                 from its backup. Without it nobody can open the sealed data: server/docs/operating.md says what to do \
                 when the file is lost"
            ),
        };
        let (marks, is_new) = match marks {
            Some(sealed) => (sealed, false),
            None => (self.make_marks(&ring).await?, true),
        };
        let key = ring.open(OWN.of(MARKS), &marks).map_err(|why| not_ours(&why, file, is_new))?;
        let key = STANDARD_NO_PAD.decode(key).ok().and_then(|key| key.try_into().ok());
        let key = key.context("the database's key for marks is invalid; restore a backup")?;
        self.has_all_keys(&ring, file).await?;
        self.vault().put(Secrets::new(ring.clone(), Marks::new(&key)));
        self.seal_again(&ring).await.context("the database cannot be sealed with the first key")?;
        self.upgrade(&ring).await.context("the database cannot be brought up to date")
    }

    /// The sealed key for marks; `None` in a new database.
    async fn marks(&self) -> sqlx::Result<Option<String>> {
        let sql = "SELECT sealed FROM secrets WHERE name = $1";
        optional_scalar!(self, sql, MARKS)
    }

    /// Generates a key for marks. If two replicas do so at once, both get the one that was stored first.
    async fn make_marks(&self, ring: &Keyring) -> anyhow::Result<String> {
        let key: [u8; crate::secrets::MARK_KEY_BYTES] = rand::random();
        let sealed = ring.seal(OWN.of(MARKS), &STANDARD_NO_PAD.encode(key))?;
        let sql =
            "INSERT INTO secrets (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        execute!(self, sql, MARKS, sealed)?;
        self.marks().await?.context("the key for marks was not stored")
    }

    /// Fails when the file lacks a key with which something is sealed.
    async fn has_all_keys(&self, ring: &Keyring, file: &KeyFile) -> anyhow::Result<()> {
        for (table, _) in TABLES {
            let sql = format!("SELECT DISTINCT sealed_by FROM {table}");
            let ids: Vec<String> = scalars!(self, &sql)?;
            for id in ids.into_iter().filter(|id| !id.is_empty()) {
                let is_there = ring.ids().any(|known| known == id);
                anyhow::ensure!(is_there, not_ours(&Closed::NoKey(id), file, false));
            }
        }
        Ok(())
    }

    /// Seals what is plain text or sealed with a key other than the first.
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
                "sealed the stored data with the first key"
            );
        }
        if let (true, Self::Sqlite(pool, _)) = (was_clear, self) {
            // Free pages and the write-ahead log may still contain the plain text.
            for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
                if let Err(error) = sqlx::query(statement).execute(pool).await {
                    tracing::warn!(
                        %error,
                        "data that earlier versions wrote as plain text is now sealed, but the file's free pages may \
                         still contain parts of it. Free space on the disk, stop the console, and run: sqlite3 \
                         understudy.db VACUUM"
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
        execute!(self, sql, again, MARKS, now)?;
        Ok(())
    }
}

/// Seals some rows of a table; returns their number, and whether one was plain text.
async fn chunk(
    tx: &mut Tx,
    ring: &Keyring,
    table: &str,
    columns: &[Column],
) -> anyhow::Result<(u64, bool)> {
    let first = columns.first().map_or("''", |column| column.column);
    let second = columns.get(1).map_or("''", |column| column.column);
    // Two ranges, so that the database uses the index.
    let sql = format!(
        "SELECT id, sealed_by, {first}, {second} FROM {table} WHERE sealed_by < $1
         UNION ALL SELECT id, sealed_by, {first}, {second} FROM {table} WHERE sealed_by > $1
         LIMIT {ROWS_MAX}"
    );
    let rows: Vec<(String, String, String, String)> = fetch_all!(tx, &sql, ring.sealing())?;
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
            execute!(tx, &sql, sealed, &id)?;
        }
        was_clear |= by.is_empty();
        let sql = format!("UPDATE {table} SET sealed_by = $1 WHERE id = $2");
        execute!(tx, &sql, ring.sealing(), &id)?;
    }
    Ok((u64::try_from(count).unwrap_or(u64::MAX), was_clear))
}

fn not_ours(why: &Closed, file: &KeyFile, is_new: bool) -> anyhow::Error {
    let shown = file.path().display();
    match why {
        Closed::NoKey(id) => anyhow::anyhow!(
            "the key file {shown} does not belong to this database: the data is sealed with the key {id}, which is \
             not in the file. {} Nothing was changed",
            match is_new {
                true =>
                    "Another replica has just generated its own; give all replicas the same file.",
                false =>
                    "Put that key back into the file, or point the console at its own database.",
            }
        ),
        why => anyhow::anyhow!(
            "the database's own key cannot be opened with {shown}: {why}. Restore a backup of the database"
        ),
    }
}
