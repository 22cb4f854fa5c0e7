//! Evidence in the store: captured once with its entry in the ledger, and never changed.

mod own;

use super::ledger::{self, LedgerError};
use super::{Database, on, within};
use crate::hash::{canonical, sha256};
use crate::history::Asker;
use crate::history::facts::changes::captured;
use app::domain::evidence::{Evidence, EvidenceHash, EvidenceId, Sealed};
use app::domain::stage::EndpointKey;
use sqlx::FromRow;

/// Evidence that a list shows at most.
const SHOWN_MAX: i64 = 50;

/// The table of evidence.
#[derive(Debug, Clone)]
pub struct Evidences(Database);

#[derive(Debug, FromRow)]
struct Row {
    body: String,
    hash: String,
}

impl Row {
    /// What was captured, or nothing of it: a body that is not what was hashed is no evidence.
    fn sealed(self) -> sqlx::Result<Sealed> {
        let bad = |why: String| sqlx::Error::Decode(why.into());
        if sha256(&self.body) != self.hash {
            return Err(bad(format!("evidence is not what was hashed as {}", self.hash)));
        }
        let evidence = serde_json::from_str(&self.body);
        let evidence = evidence.map_err(|error| bad(error.to_string()))?;
        Ok(Sealed { evidence, hash: EvidenceHash(self.hash) })
    }
}

impl Evidences {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Keeps evidence, and records who captured it.
    ///
    /// # Errors
    /// [`LedgerError`]; then it is not kept.
    pub async fn keep(&self, evidence: Evidence, by: &Asker) -> Result<Sealed, LedgerError> {
        let body = canonical(&evidence);
        let sealed = Sealed { hash: EvidenceHash(sha256(&body)), evidence };
        let Sealed { evidence, hash } = &sealed;
        let sql = "INSERT INTO evidence (number, id, stage, endpoint, deployment, kind, body, hash)
            SELECT coalesce(max(number), -1) + 1, $1, $2, $3, $4, $5, $6, $7 FROM evidence";
        let mut tx = self.0.begin().await?;
        within!(&mut tx, connection => sqlx::query(sql)
            .bind(evidence.id.to_string())
            .bind(evidence.at.stage.as_str())
            .bind(lower(evidence.at.endpoint.as_str()))
            .bind(lower(evidence.deployment.as_str()))
            .bind(evidence.content.kind().word())
            .bind(&body)
            .bind(&hash.0)
            .execute(connection)
            .await
            .map(|_| ())?);
        ledger::append(&mut tx, captured(&sealed, by)).await?;
        tx.commit().await?;
        Ok(sealed)
    }

    /// The newest of each kind and deployment of an endpoint.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not what was captured.
    pub async fn newest(&self, at: &EndpointKey) -> sqlx::Result<Vec<Sealed>> {
        let sql = "SELECT body, hash FROM evidence WHERE number IN
            (SELECT max(number) FROM evidence WHERE stage = $1 AND endpoint = $2 GROUP BY kind, deployment)";
        self.of_endpoint(sql, at).await
    }

    /// All of an endpoint, the newest first; at most 50.
    ///
    /// # Errors
    /// As [`Evidences::newest`].
    pub async fn recent(&self, at: &EndpointKey) -> sqlx::Result<Vec<Sealed>> {
        let sql = format!(
            "SELECT body, hash FROM evidence WHERE stage = $1 AND endpoint = $2
             ORDER BY number DESC LIMIT {SHOWN_MAX}"
        );
        self.of_endpoint(&sql, at).await
    }

    async fn of_endpoint(&self, sql: &str, at: &EndpointKey) -> sqlx::Result<Vec<Sealed>> {
        let endpoint = lower(at.endpoint.as_str());
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(&endpoint)
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(Row::sealed).collect()
    }

    /// One of them; `None` when there is none.
    ///
    /// # Errors
    /// As [`Evidences::newest`].
    pub async fn load(&self, id: &EvidenceId) -> sqlx::Result<Option<Sealed>> {
        let sql = "SELECT body, hash FROM evidence WHERE id = $1";
        let row: Option<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(id.to_string())
            .fetch_optional(pool)
            .await?);
        row.map(Row::sealed).transpose()
    }
}

/// Azure does not tell names apart by case.
fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A new id.
#[must_use]
pub fn new_id() -> EvidenceId {
    let id = uuid::Uuid::new_v4().to_string();
    id.parse().expect("a UUID is what an id is")
}
