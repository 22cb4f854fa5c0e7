//! Builds of a folder on the console's machine.

use super::engine::{build_of, carried, engine, started as begun};
use super::{DOCKERFILE, SERVER, answer, build_job, deploy, versions};
use crate::support::{TestConsole, Wanted};
use domain::job::{Ending, Fact};
use server::releases::Reader;
use server::releases::source::Folder;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const INFRA: &str =
    include_str!("../../../emulator/src/github/demo/main/config-infra-anet-prod.yml");

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn reader(console: &TestConsole, folder: &Path) -> Arc<Reader> {
    write(folder, "Dockerfile", DOCKERFILE);
    write(folder, "server.py", &SERVER.replace("WORDS", "from a folder"));
    write(folder, "config-infra-anet-prod.yml", INFRA);
    let text = format!("on: push\njobs:\n{}", build_job("app"));
    write(folder, ".github/workflows/build.yml", &text);
    let stages = console.services.stages.iter().map(|place| place.stage.clone()).collect();
    let source = Box::new(Folder::new(folder.to_owned()));
    Arc::new(Reader::new("local".to_owned(), source, BTreeMap::new(), stages, Duration::ZERO))
}

#[tokio::test]
async fn a_folder_is_built_at_its_state() {
    let console = super::started(Wanted::default()).await;
    let (files, store) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let reader = reader(&console, files.path());
    let (jobs, _database) = engine(&console, store.path(), &[Arc::clone(&reader)]).await;
    let build = build_of(&console, &reader, "build.yml", "image").await;
    assert_eq!(build.reference, None);
    let id = begun(&jobs, build).await;
    assert!(carried(&console, &jobs, &id).await);
    let job = jobs.table.load(&id).await.expect("a store").expect("a job");
    assert_eq!(job.state.ending(), Some(&Ending::Succeeded), "{:#?}", job.state);
    let version = job.state.facts().find_map(|fact| match fact {
        Fact::Version { version, .. } => Some(version.clone()),
        _ => None,
    });
    deploy(&console, "anet-local", "app", &version.expect("a version")).await;
    assert_eq!(answer(&console, "anet-local").await, "from a folder");
}

#[tokio::test]
async fn a_folder_that_changed_after_the_start_is_not_built() {
    let console = super::started(Wanted::default()).await;
    let (files, store) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let reader = reader(&console, files.path());
    let (jobs, _database) = engine(&console, store.path(), &[Arc::clone(&reader)]).await;
    let build = build_of(&console, &reader, "build.yml", "image").await;
    write(files.path(), "server.py", "print('another')\n");
    let id = begun(&jobs, build).await;
    assert!(carried(&console, &jobs, &id).await);
    let job = jobs.table.load(&id).await.expect("a store").expect("a job");
    let Some(Ending::Failed { message }) = job.state.ending() else { panic!("{:#?}", job.state) };
    assert!(message.contains("have changed since the build was started"), "{message}");
    assert!(versions(&console, "app").await.is_empty());
}
