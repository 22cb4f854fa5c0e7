//! Operations in the store: written before anything is sent, ended exactly once.

use app::domain::operation::{Action, Operation, OperationId, Progress};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{FromRow, Row};

/// Operations of one endpoint that its page shows.
const SHOWN_MAX: i64 = 20;

/// Why an operation could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Another one is open on the endpoint.
    #[error("another operation is open on this endpoint")]
    AnotherIsOpen,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] sqlx::Error),
}

/// An open operation with what the engine needs to go on.
#[derive(Debug, Clone)]
pub struct Open {
    /// As the screens show it.
    pub operation: Operation,
    /// Where Azure tells how it stands, when it said so.
    pub checkpoint: Option<String>,
    /// When to ask next.
    pub due: Timestamp,
    /// Failed attempts to ask, in a row.
    pub troubles: u32,
}

/// The table of operations.
#[derive(Debug, Clone)]
pub struct Operations(SqlitePool);

impl Operations {
    /// On a pool that [`super::open`] opened.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self(pool)
    }

    /// Writes an intent down.
    ///
    /// # Errors
    /// [`BeginError`]; then nothing must be sent.
    pub async fn begin(
        &self,
        endpoint: &EndpointKey,
        action: &Action,
        by: &User,
        now: Timestamp,
    ) -> Result<Operation, BeginError> {
        let operation = Operation {
            id: OperationId(uuid::Uuid::new_v4().to_string()),
            endpoint: endpoint.clone(),
            action: action.clone(),
            by: by.name.clone(),
            started: now,
            ended: None,
            progress: Progress::Intended,
        };
        let written = sqlx::query(
            "INSERT INTO operations (id, stage, endpoint, action, by_person, by_name, started, progress, due)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&operation.id.0)
        .bind(endpoint.stage.as_str())
        .bind(endpoint.endpoint.as_str())
        .bind(json(&operation.action))
        .bind(format!("{}/{}", by.tenant, by.object))
        .bind(&by.name)
        .bind(now.0)
        .bind(json(&operation.progress))
        .bind(now.0)
        .execute(&self.0)
        .await;
        match written {
            Ok(_) => Ok(operation),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                Err(BeginError::AnotherIsOpen)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Records how an open operation stands and when to ask next. One that has ended stays as it is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn save(&self, open: &Open) -> sqlx::Result<()> {
        sqlx::query(
            "UPDATE operations SET progress = ?, checkpoint = ?, due = ?, troubles = ?, ended = ?
             WHERE id = ? AND ended IS NULL",
        )
        .bind(json(&open.operation.progress))
        .bind(&open.checkpoint)
        .bind(open.due.0)
        .bind(open.troubles)
        .bind(open.operation.ended.map(|ended| ended.0))
        .bind(&open.operation.id.0)
        .execute(&self.0)
        .await?;
        Ok(())
    }

    /// All open operations, the one that is due first in front.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(&self) -> sqlx::Result<Vec<Open>> {
        sqlx::query_as("SELECT * FROM operations WHERE ended IS NULL ORDER BY due")
            .fetch_all(&self.0)
            .await
    }

    /// The newest operations of an endpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recent(&self, at: &EndpointKey) -> sqlx::Result<Vec<Operation>> {
        let rows: Vec<Open> = sqlx::query_as(
            "SELECT * FROM operations WHERE stage = ? AND endpoint = ? ORDER BY started DESC LIMIT ?",
        )
        .bind(at.stage.as_str())
        .bind(at.endpoint.as_str())
        .bind(SHOWN_MAX)
        .fetch_all(&self.0)
        .await?;
        Ok(rows.into_iter().map(|open| open.operation).collect())
    }
}

/// These types hold no maps with odd keys and no floats: writing them as JSON cannot fail.
fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl<'r> FromRow<'r, SqliteRow> for Open {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        let text = |column: &str| row.try_get::<String, _>(column);
        let bad = |error: &dyn std::fmt::Display| sqlx::Error::Decode(error.to_string().into());
        let parse = |column: &str| text(column);
        Ok(Self {
            operation: Operation {
                id: OperationId(text("id")?),
                endpoint: EndpointKey {
                    stage: parse("stage")?.parse().map_err(|e| bad(&e))?,
                    endpoint: parse("endpoint")?.parse().map_err(|e| bad(&e))?,
                },
                action: serde_json::from_str(&text("action")?).map_err(|e| bad(&e))?,
                by: text("by_name")?,
                started: Timestamp(row.try_get("started")?),
                ended: row.try_get::<Option<i64>, _>("ended")?.map(Timestamp),
                progress: serde_json::from_str(&text("progress")?).map_err(|e| bad(&e))?,
            },
            checkpoint: row.try_get("checkpoint")?,
            due: Timestamp(row.try_get("due")?),
            troubles: row.try_get("troubles")?,
        })
    }
}
