//! Robust transactions: a connection returns to its pool only after its COMMIT or ROLLBACK succeeded. Otherwise it is
//! closed, and the database rolls its transaction back.
//!
//! sqlx counts the open transactions of a connection. When a disk is full, SQLite rolls back on its own, sqlx's
//! ROLLBACK then fails, and the count stays wrong: no later transaction can begin on that connection. So this module
//! sends BEGIN, COMMIT and ROLLBACK as plain statements, which sqlx does not count.

use super::statement::Executor;
use super::vault::Vault;
use sqlx::pool::PoolConnection;
use sqlx::{Database as Driver, Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection};
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A transaction that excludes other writers.
#[derive(Debug)]
pub enum Tx {
    Sqlite(Held<Sqlite>),
    Postgres(Held<Postgres>),
}

impl Tx {
    /// Commits.
    ///
    /// # Errors
    /// When the store fails. Nothing is then committed.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.end("COMMIT").await
    }

    /// Rolls back and keeps the connection, which is cheaper than dropping the transaction.
    ///
    /// # Errors
    /// When the store fails. Closing the connection then rolls back.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.end("ROLLBACK").await
    }

    /// The vault for sealed columns.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        match self {
            Self::Sqlite(held) => &held.vault,
            Self::Postgres(held) => &held.vault,
        }
    }

    pub(super) fn executor(&mut self) -> Executor<&mut SqliteConnection, &mut PgConnection> {
        match self {
            Self::Sqlite(held) => Executor::Sqlite(&mut *held.connection),
            Self::Postgres(held) => Executor::Postgres(&mut *held.connection),
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

/// A connection with a transaction, or on which one is about to begin.
pub struct Held<DB: Driver> {
    connection: PoolConnection<DB>,
    is_over: bool,
    vault: Vault,
}

impl<DB: Driver> Held<DB> {
    /// Takes a connection before BEGIN, because the future that waits for BEGIN may be dropped.
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
