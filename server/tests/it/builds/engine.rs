//! Engines of jobs with their own stores, like processes that have just started.

use crate::support::store::principal;
use crate::support::{PATIENCE, TestConsole};
use app::port::BuildRequest;
use domain::job::JobId;
use domain::job::build::Build;
use domain::repository::ReleaseId;
use server::durable::Advanced;
use server::durable::lease::Leases;
use server::jobs::advance::advance;
use server::jobs::begin::{Begun, begin, draft};
use server::jobs::{Jobs, Layers};
use server::releases::Reader;
use server::releases::source::Found;
use server::store;
use server::store::Database;
use std::path::Path;
use std::sync::Arc;
use tokio::time::Instant;

/// An engine with the store in a folder.
pub async fn engine(
    console: &TestConsole,
    folder: &Path,
    repositories: &[Arc<Reader>],
) -> (Jobs, Database) {
    let database = Database::in_directory(folder).await.expect("it opens");
    let leases = Leases::alone(store::leases::Leases::new(database.clone()));
    let table = store::jobs::Jobs::new(database.clone());
    let stages = console.services.stages.clone();
    let uploads = folder.join("uploads");
    let jobs =
        Jobs::new(table, leases, stages, repositories.to_vec(), uploads, console.clock.clone());
    (jobs, database)
}

/// The build that a release defines now.
pub async fn build_of(console: &TestConsole, reader: &Reader, workflow: &str, job: &str) -> Build {
    let reading = reader.read(None, &console.clock, true).await;
    let snapshot = reading.snapshot.expect("the repository is read");
    let repository = reader.name().to_owned();
    let id = ReleaseId { repository, workflow: workflow.to_owned(), job: job.to_owned() };
    let found = snapshot.releases.iter().find(|one| one.defined.id == id);
    let found = found.unwrap_or_else(|| panic!("{:#?}", snapshot.problems));
    let path = reader.building().path().parse().expect("a path");
    let file = reader.source().read(&snapshot.head, &path, 1_000_000).await.expect("it is read");
    let Found::File(file) = file else { panic!("no Dockerfile") };
    let layers = Layers::of(&file);
    let request = BuildRequest::of(id);
    let drafted = draft(found, &snapshot.head, reader.building(), &request, &layers);
    drafted.build.unwrap_or_else(|| panic!("{:#?}", drafted.problems))
}

/// Starts a build.
pub async fn started(jobs: &Jobs, build: Build) -> JobId {
    match begin(jobs, build, &principal("Dana Scott")).await.expect("it begins") {
        Begun::New(id) => id,
        other => panic!("it is new: {other:?}"),
    }
}

/// Continues a job until it ends. Returns `false` if the store accepts no more events.
pub async fn carried(console: &TestConsole, jobs: &Jobs, id: &JobId) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match advance(jobs, id).await {
            Ok(Advanced::AtRest) => return true,
            Ok(Advanced::Paused) => {
                console.clock.advance(1_000);
                console.advance(1.0).await;
            }
            Ok(Advanced::Elsewhere) => panic!("nobody else is there"),
            Err(_) => return false,
        }
    }
    panic!("the job never ends: {:#?}", jobs.table.load(id).await)
}

pub async fn sql(database: &Database, statement: &str) {
    let Database::Sqlite(pool, _) = database else { panic!("it is SQLite") };
    sqlx::query(statement).execute(pool).await.expect(statement);
}
