//! SQLite and PostgreSQL behind one type.

use super::statement::Executor;
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

/// The name of SQLite's file.
const FILE: &str = "understudy.db";
/// Size of SQLite's pool. Few connections suffice, because SQLite has one writer and reads are short.
const SQLITE_CONNECTIONS_MAX: u32 = 4;
/// Size of PostgreSQL's pool, per replica.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
/// How long a writer waits for another writer, and a query for a connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// PostgreSQL ends a session that is idle in a transaction, because its process was paused or its machine is gone, so
/// that nobody waits for its locks.
const SESSION_RULES: [(&str, &str); 3] = [
    ("idle_in_transaction_session_timeout", "4s"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "30s"),
];
/// PostgreSQL's advisory lock, which serializes all writes that have a ledger entry.
const WRITE_LOCK: i64 = 0x756e_6465_7273_7464;

/// A database with the console's tables, and the vault for its sealed columns.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file in the data directory.
    Sqlite(SqlitePool, Vault),
    /// A server that several replicas may share.
    Postgres(PgPool, Vault),
}

/// Runs one body on either pool.
macro_rules! on {
    ($database:expr, $pool:ident => $body:expr) => {
        match $database {
            $crate::store::Database::Sqlite($pool, _) => $body,
            $crate::store::Database::Postgres($pool, _) => $body,
        }
    };
}

pub(crate) use on;

impl Database {
    /// Whether several replicas can use it. Only one process can hold the data directory with a SQLite database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(..))
    }

    /// Opens or creates the file in `directory`, with the keys in the same directory.
    ///
    /// # Errors
    /// As [`Database::locked_in`] and [`Database::unlock`].
    pub async fn in_directory(directory: &Path) -> anyhow::Result<Self> {
        let database = Self::locked_in(directory).await?;
        database.unlock(&KeyFile::in_directory(directory)).await?;
        Ok(database)
    }

    /// Opens or creates the file in `directory` and migrates its tables. Sealed columns stay closed until
    /// [`Database::unlock`].
    ///
    /// # Errors
    /// When the directory cannot be written or the file is not the console's database.
    pub async fn locked_in(directory: &Path) -> anyhow::Result<Self> {
        directory::make(directory)?;
        let file = file_in(directory);
        // SQLite gives the files beside it the same permissions.
        directory::private_file(&file).with_context(|| directory::unwritable(directory))?;
        // Before anything is written to the file.
        integrity::at_start(&file).await?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            // Committed writes must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            // Plain text that was sealed or dropped must not remain in the file's free pages.
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

    /// Connects to a server and migrates its tables. The URL may contain a password, so no error repeats it.
    /// Sealed columns stay closed until [`Database::unlock`].
    ///
    /// # Errors
    /// When the server cannot be reached or the database is not the console's.
    pub async fn at_server(url: &str) -> anyhow::Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            anyhow::anyhow!("database: this is not a URL like postgres://user@host/name")
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

    /// Begins a transaction that excludes other writers. The future may be dropped while it waits, for example
    /// when a browser disconnects: the connection is then closed, which ends a transaction begun on it.
    ///
    /// # Errors
    /// When the store fails, or others write for too long.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            Self::Sqlite(pool, vault) => {
                let mut held = Held::new(pool.acquire().await?, vault);
                // Not deferred: reads in this transaction must still be valid when it writes.
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

    pub(super) fn executor(&self) -> Executor<&SqlitePool, &PgPool> {
        match self {
            Self::Sqlite(pool, _) => Executor::Sqlite(pool),
            Self::Postgres(pool, _) => Executor::Postgres(pool),
        }
    }

    /// The vault for sealed columns.
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

/// The path of SQLite's file.
pub(super) fn file_in(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

pub(super) fn unusable(file: &Path) -> String {
    format!(
        "the database {} cannot be used. Restore a backup of it, or move it away to start \
         with an empty one",
        file.display()
    )
}
