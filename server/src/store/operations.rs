//! Operations in the store: written before anything is sent, ended exactly once. Each beginning and each
//! end is written together with its entry in the ledger, or not at all.

use super::ledger::{self, LedgerError};
use super::{Database, on, within};
use crate::history::{Asker, facts};
use app::domain::operation::{Action, Operation, OperationId, Progress};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use sqlx::FromRow;

/// Operations of one endpoint that its page shows.
const SHOWN_MAX: i64 = 20;

/// Why an operation could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Another one is open on the endpoint.
    #[error("another operation is open on this endpoint")]
    AnotherIsOpen,
    /// The ledger cannot take its entry.
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// An open operation with what the engine needs to go on.
#[derive(Debug, Clone)]
pub struct Open {
    /// As the screens show it.
    pub operation: Operation,
    /// Who asked: tenant id and object id.
    pub person: String,
    /// Where Azure tells how it stands, when it said so.
    pub checkpoint: Option<String>,
    /// When to ask next.
    pub due: Timestamp,
    /// Failed attempts to ask, in a row.
    pub troubles: u32,
}

/// The table of operations.
#[derive(Debug, Clone)]
pub struct Operations(Database);

impl Operations {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Writes an intent down, in the ledger too.
    ///
    /// # Errors
    /// [`BeginError`]; then nothing must be sent.
    pub async fn begin(
        &self,
        endpoint: &EndpointKey,
        action: &Action,
        by: &Asker,
        now: Timestamp,
    ) -> Result<Open, BeginError> {
        let operation = Operation {
            id: OperationId(uuid::Uuid::new_v4().to_string()),
            endpoint: endpoint.clone(),
            action: action.clone(),
            by: by.user.name.clone(),
            started: now,
            ended: None,
            progress: Progress::Intended,
        };
        let person = by.id();
        let mut tx = self.0.begin().await?;
        let written = within!(&mut tx, connection => sqlx::query(
            "INSERT INTO operations (id, stage, endpoint, action, by_person, by_name, started, progress, due)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&operation.id.0)
        .bind(endpoint.stage.as_str())
        .bind(endpoint.endpoint.as_str())
        .bind(json(&operation.action))
        .bind(&person)
        .bind(&by.user.name)
        .bind(now.0)
        .bind(json(&operation.progress))
        .bind(now.0)
        .execute(connection)
        .await
        .map(|_| ()));
        match written {
            Ok(()) => {}
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Err(BeginError::AnotherIsOpen);
            }
            Err(error) => return Err(error.into()),
        }
        ledger::append(&mut tx, facts::intended(&operation, by)).await?;
        tx.commit().await?;
        let due = operation.started;
        Ok(Open { operation, person, checkpoint: None, due, troubles: 0 })
    }

    /// Records how an open operation stands and when to ask next; its end goes into the ledger. One that
    /// has ended stays as it is.
    ///
    /// # Errors
    /// When the store or the ledger fails: then nothing of it is recorded.
    pub async fn save(&self, open: &Open) -> Result<(), LedgerError> {
        let mut tx = self.0.begin().await?;
        let changed = within!(&mut tx, connection => sqlx::query(
            "UPDATE operations SET progress = $1, checkpoint = $2, due = $3, troubles = $4, ended = $5
             WHERE id = $6 AND ended IS NULL",
        )
        .bind(json(&open.operation.progress))
        .bind(&open.checkpoint)
        .bind(open.due.0)
        .bind(i64::from(open.troubles))
        .bind(open.operation.ended.map(|ended| ended.0))
        .bind(&open.operation.id.0)
        .execute(connection)
        .await?
        .rows_affected());
        if let (1, Some(ended)) = (changed, open.operation.ended) {
            ledger::append(&mut tx, facts::settled(&open.operation, &open.person, ended)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// All open operations, the one that is due first in front.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Open>> {
        let sql = "SELECT * FROM operations WHERE ended IS NULL ORDER BY due";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql).fetch_all(pool).await?);
        rows.into_iter().map(Open::try_from).collect()
    }

    /// The newest operations of an endpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self, at: &EndpointKey) -> sqlx::Result<Vec<Operation>> {
        let sql = "SELECT * FROM operations WHERE stage = $1 AND lower(endpoint) = lower($2)
                   ORDER BY started DESC LIMIT $3";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .bind(SHOWN_MAX)
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(|row| Open::try_from(row).map(|open| open.operation)).collect()
    }
}

/// These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A row of the table.
#[derive(FromRow)]
struct Row {
    id: String,
    stage: String,
    endpoint: String,
    action: String,
    by_person: String,
    by_name: String,
    started: i64,
    ended: Option<i64>,
    progress: String,
    checkpoint: Option<String>,
    due: i64,
    troubles: i64,
}

impl TryFrom<Row> for Open {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let bad = |error: &dyn std::fmt::Display| sqlx::Error::Decode(error.to_string().into());
        Ok(Self {
            operation: Operation {
                id: OperationId(row.id),
                endpoint: EndpointKey {
                    stage: row.stage.parse().map_err(|error| bad(&error))?,
                    endpoint: row.endpoint.parse().map_err(|error| bad(&error))?,
                },
                action: serde_json::from_str(&row.action).map_err(|error| bad(&error))?,
                by: row.by_name,
                started: Timestamp(row.started),
                ended: row.ended.map(Timestamp),
                progress: serde_json::from_str(&row.progress).map_err(|error| bad(&error))?,
            },
            person: row.by_person,
            checkpoint: row.checkpoint,
            due: Timestamp(row.due),
            troubles: u32::try_from(row.troubles).unwrap_or(u32::MAX),
        })
    }
}
