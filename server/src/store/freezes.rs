//! Stages that take no changes now. A freeze and its end are written with their entries in the ledger.

use super::ledger::{self, LedgerError};
use super::{Database, Tx, on, within};
use crate::history::{Asker, facts};
use app::domain::name::StageName;
use app::domain::stage::Freeze;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;
use std::collections::BTreeMap;

/// The table of freezes.
#[derive(Debug, Clone)]
pub struct Freezes(Database);

#[derive(Debug, FromRow)]
struct Row {
    stage: String,
    by_name: String,
    at: i64,
    reason: String,
}

impl From<Row> for Freeze {
    fn from(row: Row) -> Self {
        Self { by: row.by_name, at: Timestamp(row.at), reason: row.reason }
    }
}

impl Freezes {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All that are in force, by stage.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn all(&self) -> sqlx::Result<BTreeMap<String, Freeze>> {
        let sql = "SELECT stage, by_name, at, reason FROM freezes";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|row| (row.stage.clone(), row.into())).collect())
    }

    /// Freezes a stage; `None` when it is frozen already.
    ///
    /// # Errors
    /// [`LedgerError`]; then it is not.
    pub async fn freeze(
        &self,
        stage: &StageName,
        reason: &str,
        by: &Asker,
        now: Timestamp,
    ) -> Result<Option<Freeze>, LedgerError> {
        let freeze = Freeze { by: by.user.name.clone(), at: now, reason: reason.to_owned() };
        let sql = "INSERT INTO freezes (stage, by_name, at, reason) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (stage) DO NOTHING";
        let mut tx = self.0.begin().await?;
        let made = within!(&mut tx, connection => sqlx::query(sql)
            .bind(stage.as_str())
            .bind(&freeze.by)
            .bind(now.0)
            .bind(reason)
            .execute(connection)
            .await?
            .rows_affected());
        if made == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let entry = facts::changes::frozen(stage, true, reason, by, now);
        ledger::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Some(freeze))
    }

    /// Thaws a stage; `false` when it was not frozen.
    ///
    /// # Errors
    /// [`LedgerError`]; then it is as it was.
    pub async fn thaw(
        &self,
        stage: &StageName,
        reason: &str,
        by: &Asker,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "DELETE FROM freezes WHERE stage = $1";
        let mut tx = self.0.begin().await?;
        let gone = within!(&mut tx, connection => sqlx::query(sql)
            .bind(stage.as_str())
            .execute(connection)
            .await?
            .rows_affected());
        if gone == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let entry = facts::changes::frozen(stage, false, reason, by, now);
        ledger::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Who froze a stage, if anybody did, inside the transaction of what it would forbid.
///
/// # Errors
/// When the store fails.
pub async fn of(tx: &mut Tx, stage: &StageName) -> sqlx::Result<Option<Freeze>> {
    let sql = "SELECT stage, by_name, at, reason FROM freezes WHERE stage = $1";
    let row: Option<Row> = within!(tx, connection => sqlx::query_as(sql)
        .bind(stage.as_str())
        .fetch_optional(connection)
        .await?);
    Ok(row.map(Freeze::from))
}
