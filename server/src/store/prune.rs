//! Drops the values of secrets from the steps of ended runs and the plans of closed changes. Everything else stays.

use super::statement::{execute, scalar, scalars};
use super::vault::{Column, INTENT, PLANNED, STEPS};
use super::{Database, Tx};
use crate::clock::Clock;
use crate::planner::Planned;
use crate::planner::pinned::{self, Pinned};
use crate::planner::step::Step;
use crate::redact;
use domain::timestamp::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long secrets are kept after the end, in milliseconds: 30 days.
pub const KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// Interval of pruning.
const PAUSE: Duration = Duration::from_secs(3_600);
/// Maximum number of rows per transaction.
const ROWS_MAX: usize = 100;

/// Prunes in a loop. Never returns; abort the task.
pub async fn run(database: Database, clock: Clock) {
    loop {
        // A jump of the clock must not drop secrets, which cannot be restored.
        if !clock.has_jumped() {
            match database.prune(clock.now()).await {
                Ok(0) => {}
                Ok(rows) => {
                    tracing::info!(rows, "dropped the secrets of old runs and changes");
                }
                Err(error) => {
                    tracing::error!(%error, "old secrets could not be dropped; retrying");
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Removes the secrets from a column's text.
type Without = fn(&str) -> serde_json::Result<String>;

/// A table with secrets to drop.
#[derive(Debug, Clone, Copy)]
struct Old {
    table: &'static str,
    /// The condition for rows that ended before `$1`.
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
        columns: &[(INTENT, without::<Pinned>), (PLANNED, without::<Planned>)],
    },
];

impl Database {
    /// Drops the secrets of rows that ended more than [`KEPT_MS`] ago; returns the number of rows.
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
            // The write-ahead log still has the secrets. If a reader blocks this, the next pruning does it.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
        }
        Ok(pruned)
    }
}

/// Prunes some rows; returns their number, and the last id read when more rows may follow.
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
    let ids: Vec<String> = scalars!(tx, &sql, before, after)?;
    let mut pruned = 0;
    for id in &ids {
        let mut texts = Vec::with_capacity(columns.len());
        for (column, without) in columns {
            let sql = format!("SELECT {} FROM {table} WHERE id = $1", column.column);
            let text: String = scalar!(tx, &sql, id)?;
            let dropped = tx.vault().unseal(column.of(id), &text);
            let dropped = dropped.map(|clear| without(&clear));
            match dropped {
                Ok(Ok(clear)) => texts.push((column, tx.vault().seal(column.of(id), &clear)?)),
                // An unreadable row does not keep others from being pruned.
                Ok(Err(error)) => {
                    tracing::error!(id, %error, "a row cannot be parsed, so its secrets are kept");
                }
                Err(error) => {
                    tracing::error!(id, %error, "a row cannot be opened, so its secrets are kept");
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
            execute!(tx, &sql, sealed.text, sealed.by, id)?;
        }
        pruned += 1;
    }
    Ok((pruned, ids.last().filter(|_| ids.len() == ROWS_MAX).cloned()))
}

/// A value whose secrets can be removed.
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

impl Prune for Pinned {
    fn prune(&mut self) {
        pinned::bodies_mut(self).for_each(redact::body);
    }
}

fn without<T: Prune + Serialize + DeserializeOwned>(text: &str) -> serde_json::Result<String> {
    let mut value: T = serde_json::from_str(text)?;
    value.prune();
    serde_json::to_string(&value)
}
