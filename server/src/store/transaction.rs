//! Transactions that can be trusted on a bad day: a connection goes back to its pool only after its COMMIT or
//! ROLLBACK succeeded. Every other one is closed, and the database undoes what was open on it.
//!
//! sqlx counts the open transactions of a connection by itself. When a disk is full, SQLite rolls back on its
//! own, sqlx's ROLLBACK then fails, and the count stays: no later transaction can begin on that connection.
//! Hence BEGIN, COMMIT and ROLLBACK are statements here, and sqlx counts nothing.

use super::vault::Vault;
use sqlx::pool::PoolConnection;
use sqlx::{Database as Driver, Executor as _, Postgres, Sqlite};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A transaction beside which nobody else writes. What is not committed did not happen.
#[derive(Debug)]
pub enum Tx {
    /// On the file.
    Sqlite(Held<Sqlite>),
    /// On the server.
    Postgres(Held<Postgres>),
}

impl Tx {
    /// Makes it so.
    ///
    /// # Errors
    /// When the store fails: then nothing of it is so.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.end("COMMIT").await
    }

    /// Undoes it, and keeps the connection: for who found nothing to write.
    ///
    /// # Errors
    /// When the store fails: then it is undone with its connection.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.end("ROLLBACK").await
    }

    /// What opens sealed texts.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        match self {
            Self::Sqlite(held) => &held.vault,
            Self::Postgres(held) => &held.vault,
        }
    }

    async fn end(self, statement: &str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(mut held) => {
                held.execute(statement).await?;
                held.is_over = true;
            }
            Self::Postgres(mut held) => {
                held.execute(statement).await?;
                held.is_over = true;
            }
        }
        Ok(())
    }
}

/// A connection with a transaction on it, or on its way to one.
pub struct Held<DB: Driver> {
    connection: PoolConnection<DB>,
    is_over: bool,
    vault: Vault,
}

impl<DB: Driver> Held<DB> {
    /// Takes a connection before anything is begun on it: who waits for BEGIN may be dropped.
    pub(super) fn new(connection: PoolConnection<DB>, vault: &Vault) -> Self {
        Self { connection, is_over: false, vault: vault.clone() }
    }
}

impl<DB: Driver> Drop for Held<DB> {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}

impl<DB: Driver> Deref for Held<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<DB: Driver> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

impl<DB: Driver> fmt::Debug for Held<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}
