//! The store: SQLite in the data directory. Sessions are kept beside, by tower-sessions' own store on the
//! same pool.

pub mod directory;
pub mod operations;

use anyhow::Context as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};
use std::path::Path;
use std::time::Duration;

/// The database in the data directory.
const FILE: &str = "understudy.db";
/// Connections of the pool: SQLite has one writer, and readers hardly wait.
const CONNECTIONS_MAX: u32 = 4;
/// How long a writer waits for another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens (or makes) the database in `directory` and brings its tables up to date.
///
/// # Errors
/// When the directory cannot be written or the database is not one of ours.
pub async fn open(directory: &Path) -> anyhow::Result<SqlitePool> {
    directory::make(directory)?;
    let file = directory.join(FILE);
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
        .with_context(|| unusable(&file))?;
    sqlx::migrate!().run(&pool).await.with_context(|| unusable(&file))?;
    Ok(pool)
}

/// Tries what [`open`] would, and changes nothing: the directory can be written, and the database,
/// if there is one, is one.
///
/// # Errors
/// As [`open`].
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
