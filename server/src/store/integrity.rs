//! Checks the integrity of SQLite's file: quickly before the console serves, completely in `understudy check`.

use super::database::unusable;
use super::directory;
use anyhow::Context as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// How long the start waits for the check. For a large file the check continues while the console serves.
const START_MAX: Duration = Duration::from_secs(10);

/// SQLite's code for a file that is not a database.
const NOT_A_DATABASE: &str = "26";

/// The depth of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// All pages and records, but not whether the indexes match their tables.
    Quick,
    /// Everything that SQLite can check.
    Full,
}

impl Look {
    fn statement(self) -> &'static str {
        match self {
            Self::Quick => "PRAGMA quick_check(1)",
            Self::Full => "PRAGMA integrity_check(1)",
        }
    }
}

/// Checks a file before the console serves. A check that takes too long continues in the background and logs its
/// result.
///
/// # Errors
/// When the file is damaged or not a database.
pub(super) async fn at_start(file: &Path) -> anyhow::Result<()> {
    let owned = file.to_owned();
    let mut looking = tokio::spawn(async move { whole(&owned, Look::Quick).await });
    match tokio::time::timeout(START_MAX, &mut looking).await {
        Ok(done) => done.context("the database could not be checked")?,
        Err(_) => {
            let shown = file.display().to_string();
            tracing::warn!(
                "the check of the database {shown} takes more than {} s; the console starts, and the check \
                 continues",
                START_MAX.as_secs()
            );
            tokio::spawn(async move {
                match looking.await {
                    Ok(Ok(())) => tracing::info!("the database {shown} is intact"),
                    Ok(Err(error)) => tracing::error!("{error:#}"),
                    Err(_) => {
                        tracing::error!("the check of the database {shown} failed unexpectedly");
                    }
                }
            });
            Ok(())
        }
    }
}

/// Checks without changing anything that the directory can be written and that its database, if any, is intact.
///
/// # Errors
/// Say what is wrong and what to do.
pub async fn check(directory: &Path) -> anyhow::Result<()> {
    directory::make(directory)?;
    let trial = directory.join(format!("check-{}", std::process::id()));
    std::fs::write(&trial, "")
        .and_then(|()| std::fs::remove_file(&trial))
        .with_context(|| directory::unwritable(directory))?;
    let file = super::database::file_in(directory);
    if !file.exists() {
        return Ok(());
    }
    whole(&file, Look::Full).await
}

async fn whole(file: &Path, look: Look) -> anyhow::Result<()> {
    if std::fs::metadata(file).is_ok_and(|about| about.len() == 0) {
        return Ok(());
    }
    // At the start the connection may write, because SQLite has to recover the write-ahead log after a crash.
    // `understudy check` may run beside a serving console, so it only reads.
    let options = SqliteConnectOptions::new().filename(file).read_only(look == Look::Full);
    let mut connection = options.connect().await.with_context(|| unusable(file))?;
    let found = ask(&mut connection, look).await;
    let found = found.map_err(|error| {
        // A file that is not a database needs another advice than a damaged one.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let is_foreign = code.is_some_and(|code| code == NOT_A_DATABASE);
        let why = if is_foreign { unusable(file) } else { damaged(file) };
        anyhow::Error::from(error).context(why)
    })?;
    anyhow::ensure!(found == "ok", "{}: {found}", damaged(file));
    connection.close().await.with_context(|| unusable(file))
}

async fn ask(connection: &mut SqliteConnection, look: Look) -> sqlx::Result<String> {
    sqlx::query_scalar(look.statement()).fetch_one(connection).await
}

fn damaged(file: &Path) -> String {
    format!(
        "the database {0} is damaged and cannot be used. Keep a copy of it and of the files beside it, put a \
         backup in its place, and see “Restore a backup” in server/docs/operating.md",
        file.display()
    )
}
