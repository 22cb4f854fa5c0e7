//! Leases: which replica may append to the journal of a target's run or of a job. Every new holder increments the token.
//! `durable/lease.rs` defines how long a lease lasts.

use super::statement::{execute, fetch_optional};
use super::{Database, Tx};
use sqlx::FromRow;

/// The right to append, as long as the token is the newest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grip {
    /// The key of a run's target, or of a job.
    pub target: String,
    pub token: i64,
}

/// A lease as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Lease {
    pub token: i64,
    /// Incremented while the holder is alive.
    pub beat: i64,
    /// `None` after a release.
    pub holder: Option<String>,
}

/// The table of leases.
#[derive(Debug, Clone)]
pub struct Leases(Database);

impl Leases {
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// Reads a lease; `None` when it was never held.
    pub async fn look(&self, target: &str) -> sqlx::Result<Option<Lease>> {
        let sql = "SELECT token, beat, holder FROM leases WHERE target = $1";
        fetch_optional!(self.0, sql, target)
    }

    /// Takes over a lease that is unchanged since it was `seen`; `None` when another replica was faster.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take(
        &self,
        target: &str,
        seen: Option<&Lease>,
        holder: &str,
    ) -> sqlx::Result<Option<Grip>> {
        let token = seen.map_or(1, |seen| seen.token + 1);
        let taken = match seen {
            None => {
                let sql = "INSERT INTO leases (target, token, beat, holder) VALUES ($1, $2, 0, $3)
                           ON CONFLICT (target) DO NOTHING";
                execute!(self.0, sql, target, token, holder)?
            }
            Some(Lease { token: last, beat, .. }) => {
                let sql = "UPDATE leases SET token = $2, beat = 0, holder = $3
                           WHERE target = $1 AND token = $4 AND beat = $5";
                execute!(self.0, sql, target, token, holder, *last, *beat)?
            }
        };
        Ok((taken == 1).then(|| Grip { target: target.to_owned(), token }))
    }

    /// Renews a lease; `false` when another replica has taken it.
    pub async fn beat(&self, grip: &Grip) -> sqlx::Result<bool> {
        let sql = "UPDATE leases SET beat = beat + 1
                   WHERE target = $1 AND token = $2 AND holder IS NOT NULL";
        self.change(sql, grip).await
    }

    /// Releases a lease, so that the next holder need not wait.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, grip: &Grip) -> sqlx::Result<bool> {
        let sql = "UPDATE leases SET holder = NULL WHERE target = $1 AND token = $2";
        self.change(sql, grip).await
    }

    async fn change(&self, sql: &str, grip: &Grip) -> sqlx::Result<bool> {
        let changed = execute!(self.0, sql, &grip.target, grip.token)?;
        Ok(changed == 1)
    }
}

/// Whether a grip is still valid. Call this in the transaction that it allows.
pub async fn holds(tx: &mut Tx, grip: &Grip) -> sqlx::Result<bool> {
    let sql = "SELECT token, beat, holder FROM leases WHERE target = $1";
    let lease: Option<Lease> = fetch_optional!(tx, sql, &grip.target)?;
    Ok(lease.is_some_and(|lease| lease.token == grip.token && lease.holder.is_some()))
}
