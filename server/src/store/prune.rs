//! Dropping what is no longer needed: the values of secrets in what runs that are over sent, and in what changes that are
//! over were to do. Everything else of them stays, and the ledger has it anyway.

use super::vault::{Column, PLANNED, STEPS, WISH};
use super::{Database, Tx, within};
use crate::changes::stored::Stored;
use crate::clock::Clock;
use crate::operations::plan::Planned;
use crate::operations::plan::step::Step;
use crate::redact;
use app::domain::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long after their end the values are kept, in milliseconds: 30 days.
pub const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// How often it is looked for what may be dropped.
const PAUSE: Duration = Duration::from_secs(3_600);
/// Rows that are looked at in one transaction.
const ROWS_MAX: usize = 100;

/// Drops for ever what is old enough; abort the task.
pub async fn run(database: Database, clock: Clock) {
    loop {
        // What is dropped does not come back: not because a clock was set.
        if !clock.has_jumped() {
            match database.prune(clock.now()).await {
                Ok(0) => {}
                Ok(rows) => {
                    tracing::info!(rows, "dropped the secrets of what has been over for long");
                }
                Err(error) => {
                    tracing::error!(%error, "old secrets could not be dropped; trying again");
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A text without its secrets.
type Without = fn(&str) -> serde_json::Result<String>;

/// A table with what is to be dropped.
#[derive(Debug, Clone, Copy)]
struct Old {
    table: &'static str,
    /// Which rows are over since before `$1`.
    over: &'static str,
    columns: &'static [(Column, Without)],
}

const OLD: [Old; 2] = [
    Old {
        table: "runs",
        over: "standing = 'finished' AND ended < $1",
        columns: &[(STEPS, without::<Vec<Step>>)],
    },
    Old {
        table: "changes",
        over: "open = 0 AND proposed < $1",
        columns: &[(WISH, without::<Stored>), (PLANNED, without::<Planned>)],
    },
];

impl Database {
    /// Drops the secrets of what has been over for [`KEPT_MS`]; returns of how many rows.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn prune(&self, now: Timestamp) -> sqlx::Result<u64> {
        let before = now.0.saturating_sub(KEPT_MS);
        let mut pruned = 0;
        for old in OLD {
            let mut last = Some(String::new());
            while let Some(after) = last {
                let mut tx = self.begin().await?;
                let (rows, next) = chunk(&mut tx, old, before, &after).await?;
                tx.commit().await?;
                pruned += rows;
                last = next;
            }
        }
        if let (true, Self::Sqlite(pool, _)) = (pruned > 0, self) {
            // The log still has them; who reads just now lets the next time do it.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
        }
        Ok(pruned)
    }
}

/// Prunes some rows; returns how many, and the last that was looked at when there may be more.
async fn chunk(
    tx: &mut Tx,
    old: Old,
    before: i64,
    after: &str,
) -> sqlx::Result<(u64, Option<String>)> {
    let Old { table, over, columns } = old;
    let sql = format!(
        "SELECT id FROM {table} WHERE pruned = 0 AND {over} AND id > $2 ORDER BY id LIMIT {ROWS_MAX}"
    );
    let ids: Vec<String> = within!(tx, connection => {
        sqlx::query_scalar(&sql).bind(before).bind(after).fetch_all(connection).await?
    });
    let mut pruned = 0;
    for id in &ids {
        let mut texts = Vec::with_capacity(columns.len());
        for (column, without) in columns {
            let sql = format!("SELECT {} FROM {table} WHERE id = $1", column.column);
            let text: String = within!(tx, connection => {
                sqlx::query_scalar(&sql).bind(id).fetch_one(connection).await?
            });
            let dropped = tx.vault().unseal(column.of(id), &text);
            let dropped = dropped.map(|clear| without(&clear));
            match dropped {
                Ok(Ok(clear)) => texts.push((column, tx.vault().seal(column.of(id), &clear)?)),
                // One row that cannot be read keeps no other from being pruned.
                Ok(Err(error)) => {
                    tracing::error!(id, %error, "what it sent cannot be read, and is kept");
                }
                Err(error) => {
                    tracing::error!(id, %error, "what it sent cannot be opened, and is kept");
                }
            }
        }
        if texts.len() < columns.len() {
            continue;
        }
        for (column, sealed) in texts {
            let sql = format!(
                "UPDATE {table} SET {} = $1, sealed_by = $2, pruned = 1 WHERE id = $3",
                column.column
            );
            within!(tx, connection => {
                let query = sqlx::query(&sql).bind(sealed.text).bind(sealed.by).bind(id);
                query.execute(connection).await.map(|_| ())
            })?;
        }
        pruned += 1;
    }
    Ok((pruned, ids.last().filter(|_| ids.len() == ROWS_MAX).cloned()))
}

/// What can hold secrets and be without them.
trait Prune {
    fn prune(&mut self);
}

impl Prune for Vec<Step> {
    fn prune(&mut self) {
        self.iter_mut().filter_map(Step::body_mut).for_each(redact::body);
    }
}

impl Prune for Planned {
    fn prune(&mut self) {
        self.steps.prune();
    }
}

impl Prune for Stored {
    fn prune(&mut self) {
        self.bodies_mut().for_each(redact::body);
    }
}

fn without<T: Prune + Serialize + DeserializeOwned>(text: &str) -> serde_json::Result<String> {
    let mut value: T = serde_json::from_str(text)?;
    value.prune();
    serde_json::to_string(&value)
}
