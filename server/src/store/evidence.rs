//! Evidence in the store. It is written once, with its ledger entry, and never changed.

mod own;

use super::Database;
use super::ledger::{self, LedgerError};
use super::statement::{bad, execute, fetch_all, fetch_optional, from_json};
use crate::entries::Principal;
use crate::entries::changes::captured;
use crate::hash::{canonical, sha256};
use domain::evidence::{Evidence, EvidenceHash, EvidenceId, Sealed};
use domain::stage::EndpointKey;
use sqlx::FromRow;

/// Maximum number of items in a list.
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
    /// The evidence, if its body still has the stored hash.
    fn sealed(self) -> sqlx::Result<Sealed> {
        if sha256(&self.body) != self.hash {
            return Err(bad(format!("evidence does not match its hash {}", self.hash)));
        }
        Ok(Sealed { evidence: from_json(&self.body)?, hash: EvidenceHash(self.hash) })
    }
}

impl Evidences {
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Stores evidence and records who captured it.
    ///
    /// # Errors
    /// [`LedgerError`]. The evidence is then not stored.
    pub async fn keep(&self, evidence: Evidence, by: &Principal) -> Result<Sealed, LedgerError> {
        let body = canonical(&evidence);
        let sealed = Sealed { hash: EvidenceHash(sha256(&body)), evidence };
        let Sealed { evidence, hash } = &sealed;
        let sql = "INSERT INTO evidence (number, id, stage, endpoint, deployment, kind, body, hash)
            SELECT coalesce(max(number), -1) + 1, $1, $2, $3, $4, $5, $6, $7 FROM evidence";
        let mut tx = self.0.begin().await?;
        execute!(
            tx,
            sql,
            evidence.id.to_string(),
            evidence.at.stage.as_str(),
            lower(evidence.at.endpoint.as_str()),
            lower(evidence.deployment.as_str()),
            evidence.content.kind().word(),
            &body,
            &hash.0
        )?;
        ledger::append(&mut tx, captured(&sealed, by)).await?;
        tx.commit().await?;
        Ok(sealed)
    }

    /// The newest of each kind and deployment of an endpoint.
    ///
    /// # Errors
    /// When the store fails, or the stored evidence was altered.
    pub async fn newest(&self, at: &EndpointKey) -> sqlx::Result<Vec<Sealed>> {
        let sql = "SELECT body, hash FROM evidence WHERE number IN
            (SELECT max(number) FROM evidence WHERE stage = $1 AND endpoint = $2 GROUP BY kind, deployment)";
        self.of_endpoint(sql, at).await
    }

    /// The newest evidence of an endpoint, the newest first; at most 50.
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
        let rows: Vec<Row> = fetch_all!(self.0, sql, at.stage.as_str(), &endpoint)?;
        rows.into_iter().map(Row::sealed).collect()
    }

    /// One piece of evidence; `None` when the id is unknown.
    ///
    /// # Errors
    /// As [`Evidences::newest`].
    pub async fn load(&self, id: &EvidenceId) -> sqlx::Result<Option<Sealed>> {
        let sql = "SELECT body, hash FROM evidence WHERE id = $1";
        let row: Option<Row> = fetch_optional!(self.0, sql, id.to_string())?;
        row.map(Row::sealed).transpose()
    }
}

/// Azure compares names without case.
fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A new id.
#[must_use]
pub fn new_id() -> EvidenceId {
    let id = uuid::Uuid::new_v4().to_string();
    id.parse().expect("a UUID is what an id is")
}
