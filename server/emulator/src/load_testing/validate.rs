//! Validates files in the background: Locust reads its script, and URL tests are parsed.

use std::collections::BTreeMap;
use std::sync::Arc;

use load::{LoadFailure, LocustPlan};
use tokio::sync::watch;

use super::misfortune;
use super::wire::run_key;
use crate::inner::Inner;
use crate::loads::kept::{FileKind, InputFile, Resource, Test, Validation};
use crate::loads::unzip::unzip;
use crate::loads::url_plan::Variables;
use crate::loads::{url_config, url_plan};
use crate::store::Unkept;

/// How long Azure would seem to think, in seconds at normal speed.
const THOUGHT_S: f64 = 1.0;
/// The longest explanation, in characters.
const FAILURE_CHARS_MAX: usize = 2_000;

/// A file has changed: validates it, and a Locust script that may have missed it.
pub fn changed(inner: &Arc<Inner>, key: &str, test: &str, file: &InputFile) -> Result<(), Unkept> {
    if file.validation == Validation::Initiated {
        spawn(inner, key, test, file);
    }
    if file.kind.is_plan() {
        return Ok(());
    }
    let again = inner.store.write(|state| {
        let test = state.load_testing.get_mut(key)?.tests.get_mut(test)?;
        let is_missed = |file: &&mut InputFile| {
            file.kind == FileKind::TestScript && file.validation == Validation::Failure
        };
        let script = test.files.values_mut().find(is_missed)?;
        script.validation = Validation::Initiated;
        script.failure = None;
        Some(script.clone())
    })?;
    if let Some(script) = again {
        spawn(inner, key, test, &script);
    }
    Ok(())
}

/// Continues what the last emulator had begun.
pub fn resume(inner: &Arc<Inner>) {
    let open: Vec<(String, String, InputFile)> = inner.store.read(|state| {
        let all = state.load_testing.iter();
        let tests = all.flat_map(|(key, resource)| resource.tests.values().map(move |t| (key, t)));
        let files = tests.flat_map(|(key, test)| {
            let open = test.files.values().filter(|file| file.validation == Validation::Initiated);
            open.map(move |file| (key.clone(), test.id.clone(), file.clone()))
        });
        files.collect()
    });
    for (key, test, file) in open {
        spawn(inner, &key, &test, &file);
    }
}

fn spawn(inner: &Arc<Inner>, key: &str, test: &str, file: &InputFile) {
    let (inner, key, test, file) =
        (Arc::clone(inner), key.to_owned(), test.to_owned(), file.clone());
    let found = inner.store.read(|state| {
        let resource = state.load_testing.get(&key)?;
        Some((resource.guid.clone(), resource.tests.get(&test)?.clone()))
    });
    let Some((guid, whole)) = found else { return };
    let name = run_key(&guid, &format!("{test}:{}:{}", file.name, file.blob));
    inner.agenda.enter(&name);
    tokio::spawn(async move {
        let until = inner.clock.now() + inner.pace.seconds(THOUGHT_S);
        inner.agenda.sleep_until(&name, &inner.clock, until).await;
        let cancel = inner.load_tests.enter(&name);
        let work = judged(&inner, &guid, &whole, &file, cancel);
        let failure = inner.agenda.elsewhere(&name, work).await;
        inner.load_tests.leave(&name);
        if let Err(unkept) = conclude(&inner, &key, &test, &file, failure) {
            tracing::warn!(%unkept, "the validation of a file was not saved");
        }
        inner.load_tests.validated.notify_waiters();
        inner.agenda.leave(&name);
    });
}

fn conclude(
    inner: &Inner,
    key: &str,
    test: &str,
    file: &InputFile,
    failure: Option<String>,
) -> Result<(), Unkept> {
    inner.store.write(|state| {
        let find = |resource: &mut Resource| {
            let test = resource.tests.get_mut(test)?;
            // Another upload may have replaced it meanwhile.
            let kept = test.files.get_mut(&file.name).filter(|kept| kept.blob == file.blob)?;
            kept.validation = match failure {
                Some(_) => Validation::Failure,
                None => Validation::Success,
            };
            kept.failure = failure.map(|text| text.chars().take(FAILURE_CHARS_MAX).collect());
            Some(())
        };
        state.load_testing.get_mut(key).and_then(find);
    })
}

/// Why a file is not valid.
async fn judged(
    inner: &Inner,
    guid: &str,
    test: &Test,
    file: &InputFile,
    cancel: watch::Receiver<bool>,
) -> Option<String> {
    if misfortune::is_invalid(inner, &file.name) {
        return Some("The file is not valid: its name or the switch /emulator/load-testing makes its validation fail.".to_owned());
    }
    let folder = inner.load_tests.test(guid, &test.id);
    let path = folder.join(&file.blob);
    match file.kind {
        FileKind::TestScript => locust(inner, guid, test, file, cancel).await,
        FileKind::ZippedArtifacts => {
            unzip(&path, None).err().map(|rule| format!("{}: {rule}", file.name))
        }
        FileKind::UrlTestConfig => {
            let bytes = tokio::fs::read(&path).await.unwrap_or_default();
            let read = url_config::read(&bytes)
                .and_then(|config| url_plan::plan(&config, Variables::Any, 1));
            read.err().map(|rule| format!("{}: {rule}", file.name))
        }
        FileKind::JmxFile => {
            let bytes = tokio::fs::read(&path).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let is_plan = text.contains("<jmeterTestPlan") && text.contains("</jmeterTestPlan>");
            (!is_plan).then(|| format!("{}: it is not a JMeter test plan", file.name))
        }
        FileKind::UserProperties | FileKind::AdditionalArtifacts => None,
    }
}

async fn locust(
    inner: &Inner,
    guid: &str,
    test: &Test,
    file: &InputFile,
    cancel: watch::Receiver<bool>,
) -> Option<String> {
    let live = &inner.load_tests;
    // It is never closed.
    let _place = live.checks.acquire().await;
    let folder = live.work().join(format!("check-{}", uuid::Uuid::new_v4().simple()));
    // What changed since the upload counts too.
    let files = inner.store.read(|state| {
        let tests = state.load_testing.values().find(|r| r.guid == guid).map(|r| &r.tests);
        tests.and_then(|tests| tests.get(&test.id)).map(|test| test.files.clone())
    });
    let files = files.unwrap_or_default();
    if let Err(rule) = lay_out(&live.test(guid, &test.id), &files, &folder) {
        let _ = std::fs::remove_dir_all(&folder);
        return Some(rule);
    }
    let plan = LocustPlan {
        folder: folder.clone(),
        main: file.name.clone(),
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        users: None,
        spawn_rate: None,
        duration: None,
        split_csvs: false,
        host: None,
        environments: live.environments.clone(),
    };
    let log =
        |line: &[u8]| tracing::debug!(line = %String::from_utf8_lossy(line).trim_end(), "locust");
    let mask: load::Mask = Arc::new(str::to_owned);
    let checked = Box::pin(load::check_locust(&plan, &live.work(), &log, mask, cancel)).await;
    let _ = std::fs::remove_dir_all(&folder);
    match checked {
        Ok(_) => None,
        Err(LoadFailure::Cancelled) => {
            Some("The validation was cut off. Upload the file again.".to_owned())
        }
        Err(failure) => Some(failure.to_string()),
    }
}

/// Copies a test's files with their own names, and unpacks its archives.
fn lay_out(
    from: &std::path::Path,
    files: &BTreeMap<String, InputFile>,
    folder: &std::path::Path,
) -> Result<(), String> {
    let disk = |error: std::io::Error| format!("The emulator cannot lay out the files: {error}.");
    std::fs::create_dir_all(folder).map_err(disk)?;
    for file in files.values() {
        std::fs::copy(from.join(&file.blob), folder.join(&file.name)).map_err(disk)?;
    }
    for file in files.values().filter(|file| file.kind == FileKind::ZippedArtifacts) {
        let archive = folder.join(&file.name);
        unzip(&archive, Some(folder)).map_err(|rule| format!("{}: {rule}", file.name))?;
    }
    Ok(())
}
