//! The two databases behind one value.

use super::directory;
use anyhow::Context as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, Postgres, Sqlite, Transaction};
use std::path::Path;
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
        directory::make(directory)?;
        let file = directory.join(FILE);
        // SQLite gives the files beside it the same permissions.
        directory::private_file(&file).with_context(|| directory::unwritable(directory))?;
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS_MAX)
            .connect_with(options)
            .await
            .with_context(|| unusable(&file))?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await.with_context(|| unusable(&file))?;
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
        Ok(Self::Postgres(pool))
    }

    /// Begins a transaction beside which nobody else writes.
    ///
    /// Whoever waits for it may be dropped: a browser hangs up, a lease is lost. With sqlx 0.8 a connection to
    /// PostgreSQL then goes back to its pool with the transaction open and not counted, so that what is written
    /// over it later is never committed. Hence it begins in a task of its own, and is rolled back there when
    /// nobody takes it.
    ///
    /// # Errors
    /// When the store fails, or others write for too long.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        let database = self.clone();
        let begun = tokio::spawn(async move { database.begin_to_the_end().await }).await;
        begun.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    async fn begin_to_the_end(&self) -> sqlx::Result<Tx> {
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

/// Tries what opening the file in `directory` would need, and changes nothing: the directory can be
/// written, and the database, if there is one, is one.
///
/// # Errors
/// As [`Database::in_directory`].
pub async fn check(directory: &Path) -> anyhow::Result<()> {
    directory::make(directory)?;
    let trial = directory.join(format!("check-{}", std::process::id()));
    std::fs::write(&trial, "")
        .and_then(|()| std::fs::remove_file(&trial))
        .with_context(|| directory::unwritable(directory))?;
    let file = directory.join(FILE);
    if !file.exists() {
        return Ok(());
    }
    let options = SqliteConnectOptions::new().filename(&file).read_only(true);
    let mut connection = options.connect().await.with_context(|| unusable(&file))?;
    sqlx::query("PRAGMA schema_version")
        .execute(&mut connection)
        .await
        .with_context(|| unusable(&file))?;
    connection.close().await.with_context(|| unusable(&file))
}

fn unusable(file: &Path) -> String {
    format!(
        "the database {} cannot be used. Put a copy of it back that can, or move it away to start \
         with an empty one",
        file.display()
    )
}
