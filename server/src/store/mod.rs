//! The store: SQLite in the data directory. Sessions are kept beside, by tower-sessions' own store on the
//! same pool.

pub mod operations;

use anyhow::Context as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::Path;
use std::time::Duration;

/// Connections of the pool: SQLite has one writer, and readers hardly wait.
const CONNECTIONS_MAX: u32 = 4;
/// How long a writer waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens (or makes) the database in `directory` and brings its tables up to date.
///
/// # Errors
/// When the directory cannot be written or the database is not one of ours.
pub async fn open(directory: &Path) -> anyhow::Result<SqlitePool> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("the data directory {} cannot be made", directory.display()))?;
    let file = directory.join("understudy.db");
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A checkpoint that Azure gave must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT);
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .connect_with(options)
        .await
        .with_context(|| format!("the database {} cannot be opened", file.display()))?;
    sqlx::migrate!().run(&pool).await.with_context(|| {
        format!("the tables of {} cannot be brought up to date", file.display())
    })?;
    Ok(pool)
}
