//! Rewrites what earlier versions sealed: SQL cannot open sealed columns, so the migrations leave them to the first
//! start that has the keys. Each chunk is a transaction, so that the next start can continue an interrupted one.

use super::statement::{execute, fetch_all};
use super::{Database, Tx};
use crate::planner::pinned::{Pinned, PinnedDeployment, PinnedRelease};
use crate::secrets::Keyring;
use crate::store::vault::INTENT;
use domain::intent::Intent;
use domain::name::DeploymentName;
use domain::route::Route;
use domain::stage::EndpointKey;
use serde::Deserialize;
use serde_json::Value;

/// Maximum number of rows per transaction, so that others can write in between.
const ROWS_MAX: i64 = 100;

/// What changes stored before they stored intents.
#[derive(Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
enum Wish {
    SetRoute { route: Route },
    Create { name: DeploymentName, body: Value },
    Delete { name: DeploymentName },
    Release(Box<PinnedRelease>),
}

impl Wish {
    fn intent(self, at: EndpointKey) -> Pinned {
        match self {
            Self::SetRoute { route } => Intent::SetRoute { at, route },
            Self::Create { name, body } => {
                Intent::CreateDeployment { at, deployment: PinnedDeployment { name, body } }
            }
            Self::Delete { name } => Intent::DeleteDeployment { at, name },
            Self::Release(release) => Intent::Release { release },
        }
    }
}

/// A change that an earlier version stored: id, stage, endpoint (the column `name`), and its sealed wish.
type Earlier = (String, String, String, String);

impl Database {
    /// Rewrites the wishes of earlier versions as intents.
    pub(super) async fn upgrade(&self, ring: &Keyring) -> sqlx::Result<()> {
        loop {
            let mut tx = self.begin().await?;
            let rows = earlier(&mut tx).await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                rewrite(&mut tx, ring, row).await?;
            }
            tx.commit().await?;
        }
    }
}

async fn earlier(tx: &mut Tx) -> sqlx::Result<Vec<Earlier>> {
    let sql = format!(
        "SELECT id, stage, name, intent FROM changes WHERE has_intent = 0 LIMIT {ROWS_MAX}"
    );
    fetch_all!(tx, &sql)
}

async fn rewrite(tx: &mut Tx, ring: &Keyring, row: Earlier) -> sqlx::Result<()> {
    let id = row.0.clone();
    let text = match rewritten(ring, &row) {
        Ok(text) => text,
        // One bad row must not keep the console from starting. It stays as it is, and its page says so.
        Err(error) => {
            tracing::error!(id, %error, "a change of an earlier version cannot be read");
            row.3
        }
    };
    let sql = "UPDATE changes SET intent = $1, has_intent = 1 WHERE id = $2";
    execute!(tx, sql, text, &id).map(|_| ())
}

fn rewritten(ring: &Keyring, (id, stage, endpoint, sealed): &Earlier) -> anyhow::Result<String> {
    let at = EndpointKey { stage: stage.parse()?, endpoint: endpoint.parse()? };
    let wish: Wish = serde_json::from_str(&ring.open(INTENT.of(id), sealed)?)?;
    Ok(ring.seal(INTENT.of(id), &serde_json::to_string(&wish.intent(at))?)?)
}
