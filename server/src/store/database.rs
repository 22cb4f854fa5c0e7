//! The two databases behind one value.

use anyhow::Context as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Postgres, Sqlite, Transaction};
use std::path::Path;
use std::time::Duration;

/// Connections of SQLite's pool: it has one writer, and readers hardly wait.
const SQLITE_CONNECTIONS_MAX: u32 = 4;
/// Connections of PostgreSQL's pool, per replica.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
/// How long a writer waits for another, and a query for a connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// PostgreSQL's advisory lock under which everything is written that has a ledger entry.
const WRITE_LOCK: i64 = 0x756e_6465_7273_7464;

/// A database with our tables.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file in the data directory.
    Sqlite(SqlitePool),
    /// A server that several replicas may share.
    Postgres(PgPool),
}

/// A transaction beside which nobody else writes.
#[derive(Debug)]
pub enum Tx {
    /// On the file.
    Sqlite(Transaction<'static, Sqlite>),
    /// On the server.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one body on whichever pool it is.
macro_rules! on {
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::Database::Sqlite($pool) => $body,
            $crate::store::Database::Postgres($pool) => $body,
        }
    };
}

/// Runs one body on whichever transaction it is.
macro_rules! within {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}

pub(crate) use {on, within};

impl Database {
    /// Opens (or makes) the file in `directory` and brings its tables up to date.
    ///
    /// # Errors
    /// When the directory cannot be written or the database is not one of ours.
    pub async fn in_directory(directory: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory).with_context(|| {
            format!("the data directory {} cannot be made", directory.display())
        })?;
        let file = directory.join("understudy.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS_MAX)
            .connect_with(options)
            .await
            .with_context(|| format!("the database {} cannot be opened", file.display()))?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await.with_context(|| {
            format!("the tables of {} cannot be brought up to date", file.display())
        })?;
        Ok(Self::Sqlite(pool))
    }

    /// Connects to a server and brings its tables up to date. The URL may hold a password and is not
    /// part of any error.
    ///
    /// # Errors
    /// When it cannot be reached or the database is not one of ours.
    pub async fn at_server(url: &str) -> anyhow::Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            anyhow::anyhow!("database: it is not a URL like postgres://user@host/name")
        })?;
        let shown = format!("{}:{}", options.get_host(), options.get_port());
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options)
            .await
            .with_context(|| format!("the PostgreSQL server {shown} cannot be reached"))?;
        let migrated = sqlx::migrate!("migrations/postgres").run(&pool).await;
        migrated.with_context(|| format!("the tables on {shown} cannot be brought up to date"))?;
        Ok(Self::Postgres(pool))
    }

    /// Begins a transaction beside which nobody else writes.
    ///
    /// # Errors
    /// When the store fails, or others write for too long.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            // Not deferred: what is read here must still be true when it is written.
            Self::Sqlite(pool) => Ok(Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?)),
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITE_LOCK);
                lock.execute(&mut *tx).await?;
                Ok(Tx::Postgres(tx))
            }
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        on!(self, pool => pool.close().await);
    }
}

impl Tx {
    /// Makes it so.
    ///
    /// # Errors
    /// When the store fails: then nothing of it is so.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}
