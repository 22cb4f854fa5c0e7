//! Frozen stages. A freeze and its end are written with their ledger entries.

use super::ledger::{self, LedgerError};
use super::statement::{execute, fetch_all, fetch_optional};
use super::{Database, Tx};
use crate::entries;
use crate::entries::Principal;
use domain::name::StageName;
use domain::stage::Freeze;
use domain::timestamp::Timestamp;
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
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// All current freezes, by stage.
    pub async fn all(&self) -> sqlx::Result<BTreeMap<String, Freeze>> {
        let sql = "SELECT stage, by_name, at, reason FROM freezes";
        let rows: Vec<Row> = fetch_all!(self.0, sql)?;
        Ok(rows.into_iter().map(|row| (row.stage.clone(), row.into())).collect())
    }

    /// Freezes a stage; `None` when it is frozen already.
    ///
    /// # Errors
    /// [`LedgerError`]. The stage is then not frozen.
    pub async fn freeze(
        &self,
        stage: &StageName,
        reason: &str,
        by: &Principal,
        now: Timestamp,
    ) -> Result<Option<Freeze>, LedgerError> {
        let freeze = Freeze { by: by.user.name.clone(), at: now, reason: reason.to_owned() };
        let sql = "INSERT INTO freezes (stage, by_name, at, reason) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (stage) DO NOTHING";
        let mut tx = self.0.begin().await?;
        let made = execute!(tx, sql, stage.as_str(), &freeze.by, now.0, reason)?;
        if made == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let entry = entries::changes::frozen(stage, true, reason, by, now);
        ledger::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(Some(freeze))
    }

    /// Unfreezes a stage; `false` when it was not frozen.
    ///
    /// # Errors
    /// [`LedgerError`]. The stage is then still frozen.
    pub async fn thaw(
        &self,
        stage: &StageName,
        reason: &str,
        by: &Principal,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let sql = "DELETE FROM freezes WHERE stage = $1";
        let mut tx = self.0.begin().await?;
        let gone = execute!(tx, sql, stage.as_str())?;
        if gone == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let entry = entries::changes::frozen(stage, false, reason, by, now);
        ledger::append(&mut tx, entry).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// The freeze of a stage, if any. Call this in the transaction that the freeze would forbid.
pub async fn of(tx: &mut Tx, stage: &StageName) -> sqlx::Result<Option<Freeze>> {
    let sql = "SELECT stage, by_name, at, reason FROM freezes WHERE stage = $1";
    let row: Option<Row> = fetch_optional!(tx, sql, stage.as_str())?;
    Ok(row.map(Freeze::from))
}
