//! The two databases behind one value.

use super::transaction::{Held, Tx};
use super::vault::Vault;
use super::{directory, integrity};
use crate::secrets::file::KeyFile;
use anyhow::Context as _;
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// SQLite's file in the data directory.
const FILE: &str = "understudy.db";
/// Connections of SQLite's pool: it has one writer, and readers hardly wait.
const SQLITE_CONNECTIONS_MAX: u32 = 4;
/// Connections of PostgreSQL's pool, per replica.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
/// How long a writer waits for another, and a query for a connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What PostgreSQL does with a session of ours that begins a transaction and then stands still, because its
/// process was paused or its machine is gone: it ends it, so that nobody waits for its locks.
const SESSION_RULES: [(&str, &str); 3] = [
    ("idle_in_transaction_session_timeout", "4s"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "30s"),
];
/// PostgreSQL's advisory lock under which everything is written that has a ledger entry.
const WRITE_LOCK: i64 = 0x756e_6465_7273_7464;

/// A database with our tables, and what opens those of its texts that are sealed.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file in the data directory.
    Sqlite(SqlitePool, Vault),
    /// A server that several replicas may share.
    Postgres(PgPool, Vault),
}

/// Runs one body on whichever pool it is.
macro_rules! on {
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::Database::Sqlite($pool, _) => $body,
            $crate::store::Database::Postgres($pool, _) => $body,
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
    /// Opens (or makes) the file in `directory`, with the keys in the same directory.
    ///
    /// # Errors
    /// As [`Database::locked_in`] and [`Database::unlock`].
    pub async fn in_directory(directory: &Path) -> anyhow::Result<Self> {
        let database = Self::locked_in(directory).await?;
        database.unlock(&KeyFile::in_directory(directory)).await?;
        Ok(database)
    }

    /// Opens (or makes) the file in `directory` and brings its tables up to date. Its sealed texts stay closed until
    /// [`Database::unlock`].
    ///
    /// # Errors
    /// When the directory cannot be written or the database is not one of ours.
    pub async fn locked_in(directory: &Path) -> anyhow::Result<Self> {
        directory::make(directory)?;
        let file = file_in(directory);
        // SQLite gives the files beside it the same permissions.
        directory::private_file(&file).with_context(|| directory::unwritable(directory))?;
        // Before anything is written to it.
        integrity::at_start(&file).await?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            // What is sealed or dropped must not stay behind in clear in the file's free pages.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS_MAX)
            .connect_with(options)
            .await
            .with_context(|| unusable(&file))?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await.with_context(|| unusable(&file))?;
        Ok(Self::Sqlite(pool, Vault::default()))
    }

    /// Connects to a server and brings its tables up to date. The URL may hold a password and is not
    /// part of any error. Sealed texts stay closed until [`Database::unlock`].
    ///
    /// # Errors
    /// When it cannot be reached or the database is not one of ours.
    pub async fn at_server(url: &str) -> anyhow::Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            anyhow::anyhow!("database: it is not a URL like postgres://user@host/name")
        })?;
        let options = options.options(SESSION_RULES);
        let shown = format!("{}:{}", options.get_host(), options.get_port());
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options)
            .await
            .with_context(|| format!("the PostgreSQL server {shown} cannot be reached"))?;
        let migrated = sqlx::migrate!("migrations/postgres").run(&pool).await;
        migrated.with_context(|| format!("the tables on {shown} cannot be brought up to date"))?;
        Ok(Self::Postgres(pool, Vault::default()))
    }

    /// Begins a transaction beside which nobody else writes. Who waits for it may be dropped: a browser hangs
    /// up, a lease is lost. The connection is then closed, with whatever had begun on it.
    ///
    /// # Errors
    /// When the store fails, or others write for too long.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            Self::Sqlite(pool, vault) => {
                let mut held = Held::new(pool.acquire().await?, vault);
                // Not deferred: what is read here must still be true when it is written.
                held.execute("BEGIN IMMEDIATE").await?;
                Ok(Tx::Sqlite(held))
            }
            Self::Postgres(pool, vault) => {
                let mut held = Held::new(pool.acquire().await?, vault);
                held.execute("BEGIN").await?;
                let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITE_LOCK);
                lock.execute(&mut *held).await?;
                Ok(Tx::Postgres(held))
            }
        }
    }

    /// What opens its sealed texts.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        match self {
            Self::Sqlite(_, vault) | Self::Postgres(_, vault) => vault,
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        on!(self, pool => pool.close().await);
    }
}

/// SQLite's file in a data directory.
pub(super) fn file_in(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

pub(super) fn unusable(file: &Path) -> String {
    format!(
        "the database {} cannot be used. Put a copy of it back that can, or move it away to start \
         with an empty one",
        file.display()
    )
}
