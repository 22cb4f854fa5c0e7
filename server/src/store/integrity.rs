//! Whether SQLite's file is whole. The console looks before it serves from it, `understudy check` looks closer.

use super::database::unusable;
use super::directory;
use anyhow::Context as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// How long the console looks before it starts. A larger file is looked at further while it serves.
const START_MAX: Duration = Duration::from_secs(10);

/// SQLite's code for a file that is no database.
const NOT_A_DATABASE: &str = "26";

/// How close to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Every page and record; not whether each index agrees with its table.
    Quick,
    /// Everything that SQLite can look at.
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

/// Looks at a file before it is served from. A look that takes too long goes on meanwhile, and is logged.
///
/// # Errors
/// When the file is damaged, or no database.
pub(super) async fn at_start(file: &Path) -> anyhow::Result<()> {
    let owned = file.to_owned();
    let mut looking = tokio::spawn(async move { whole(&owned, Look::Quick).await });
    match tokio::time::timeout(START_MAX, &mut looking).await {
        Ok(done) => done.context("the database could not be looked at")?,
        Err(_) => {
            let shown = file.display().to_string();
            tracing::warn!(
                "the database {shown} is so large that it is not looked at whole within {} s; the console \
                 starts, and looks on",
                START_MAX.as_secs()
            );
            tokio::spawn(async move {
                match looking.await {
                    Ok(Ok(())) => tracing::info!("the database {shown} is whole"),
                    Ok(Err(error)) => tracing::error!("{error:#}"),
                    Err(_) => tracing::error!("the look at the database {shown} did not end"),
                }
            });
            Ok(())
        }
    }
}

/// Tries what opening the file in `directory` would need, and changes nothing: the directory can be
/// written, and the database, if there is one, is whole.
///
/// # Errors
/// With what is wrong, and what to do.
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
    // After a crash, what stands in the file beside it has to be brought in first; beside a console that
    // serves, nothing is written.
    let options = SqliteConnectOptions::new().filename(file).read_only(look == Look::Full);
    let mut connection = options.connect().await.with_context(|| unusable(file))?;
    let found = ask(&mut connection, look).await;
    let found = found.map_err(|error| {
        // Something else has its name; or what was a database begins with something else now.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let is_none = code.is_some_and(|code| code == NOT_A_DATABASE);
        let why = if is_none { unusable(file) } else { damaged(file) };
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
