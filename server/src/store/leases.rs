//! Leases: who may append to the journal of an endpoint's run. Every change of hands makes the token grow;
//! how long one stays with its holder is told in `operations/lease.rs`.

use super::{Database, Tx, on, within};
use app::domain::stage::EndpointKey;
use sqlx::FromRow;

/// The right to append, as long as its token is the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grip {
    /// The endpoint.
    pub at: EndpointKey,
    /// The fencing token.
    pub token: i64,
}

/// A lease as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Lease {
    /// The newest token.
    pub token: i64,
    /// Grows while its holder is at work.
    pub beat: i64,
    /// Who; `None` when nobody.
    pub holder: Option<String>,
}

/// The table of leases.
#[derive(Debug, Clone)]
pub struct Leases(Database);

fn name(at: &EndpointKey) -> String {
    at.endpoint.as_str().to_lowercase()
}

impl Leases {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Looks; `None` when it was never held.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn look(&self, at: &EndpointKey) -> sqlx::Result<Option<Lease>> {
        let sql = "SELECT token, beat, holder FROM leases WHERE stage = $1 AND endpoint = $2";
        Ok(on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(name(at))
            .fetch_optional(pool)
            .await?))
    }

    /// Takes it from whoever had it, if it still is as it was seen; `None` when somebody was faster.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take(
        &self,
        at: &EndpointKey,
        seen: Option<&Lease>,
        holder: &str,
    ) -> sqlx::Result<Option<Grip>> {
        let token = seen.map_or(1, |seen| seen.token + 1);
        let sql = match seen {
            None => {
                "INSERT INTO leases (stage, endpoint, token, beat, holder) VALUES ($1, $2, $3, 0, $4)
                 ON CONFLICT (stage, endpoint) DO NOTHING"
            }
            Some(_) => {
                "UPDATE leases SET token = $3, beat = 0, holder = $4
                 WHERE stage = $1 AND endpoint = $2 AND token = $5 AND beat = $6"
            }
        };
        let taken = on!(&self.0, pool => {
            let query = sqlx::query(sql)
                .bind(at.stage.as_str())
                .bind(name(at))
                .bind(token)
                .bind(holder);
            let query = match seen {
                None => query,
                Some(seen) => query.bind(seen.token).bind(seen.beat),
            };
            query.execute(pool).await?.rows_affected()
        });
        Ok((taken == 1).then(|| Grip { at: at.clone(), token }))
    }

    /// Shows that its holder is at work; `false` when it is somebody else's by now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn beat(&self, grip: &Grip) -> sqlx::Result<bool> {
        let sql = "UPDATE leases SET beat = beat + 1
                   WHERE stage = $1 AND endpoint = $2 AND token = $3 AND holder IS NOT NULL";
        self.change(sql, grip).await
    }

    /// Lets go: the next one need not wait.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, grip: &Grip) -> sqlx::Result<bool> {
        let sql =
            "UPDATE leases SET holder = NULL WHERE stage = $1 AND endpoint = $2 AND token = $3";
        self.change(sql, grip).await
    }

    async fn change(&self, sql: &str, grip: &Grip) -> sqlx::Result<bool> {
        let changed = on!(&self.0, pool => sqlx::query(sql)
            .bind(grip.at.stage.as_str())
            .bind(name(&grip.at))
            .bind(grip.token)
            .execute(pool)
            .await?
            .rows_affected());
        Ok(changed == 1)
    }
}

/// Whether a grip still holds, inside the transaction of what it allows.
///
/// # Errors
/// When the store fails.
pub async fn holds(tx: &mut Tx, grip: &Grip) -> sqlx::Result<bool> {
    let sql = "SELECT token, beat, holder FROM leases WHERE stage = $1 AND endpoint = $2";
    let lease: Option<Lease> = within!(tx, connection => sqlx::query_as(sql)
        .bind(grip.at.stage.as_str())
        .bind(name(&grip.at))
        .fetch_optional(connection)
        .await?);
    Ok(lease.is_some_and(|lease| lease.token == grip.token && lease.holder.is_some()))
}
