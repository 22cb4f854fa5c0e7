//! Starting a run: it takes what its test is now, and copies of the files.

use std::path::{Path, PathBuf};

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::drive;
use super::refused::Refused;
use super::wire::{Answered, Asked};
use crate::loads::body::{self, INHERITED, OF_RUN};
use crate::loads::kept::{InputFile, Kind, Resource, Run, Secret, Stamp, Status, Test};
use crate::loads::{secrets, url_config};
use crate::protocol::call::Answer;

/// Limits of learn.microsoft.com, service limits: runs of a test; runs at the same time and engines at the same time, both
/// as an ordinary subscription has them.
const RUNS_MAX: usize = 5_000;
const OPEN_RUNS_MAX: usize = 25;
const OPEN_ENGINES_MAX: u32 = 100;

/// What a new run begins from: its test, or an older run.
struct Origin {
    kind: Kind,
    body: Map<String, Value>,
    secrets: std::collections::BTreeMap<String, Secret>,
    /// Who stored the encrypted values.
    owner: String,
    files: Vec<InputFile>,
    /// The file of each entry of `files`.
    paths: Vec<PathBuf>,
    components: Map<String, Value>,
    server_metrics: Map<String, Value>,
}

/// `PATCH /test-runs/{id}`: starts a run, or changes the texts of one that exists.
pub async fn patch(asked: &Asked<'_>, id: &str) -> Answered {
    if !body::is_id(id) {
        let text = "A test run id has 2 to 50 lower-case letters, digits, underscores and hyphens.";
        return Err(Refused::bad("InvalidTestRunId", text));
    }
    let sent = asked.patch()?;
    if asked.find_run(id).is_ok() {
        return change(asked, id, &sent);
    }
    let test = sent.get("testId").and_then(Value::as_str);
    let test = test.ok_or_else(|| Refused::body("The property 'testId' is missing."))?;
    let test = asked.find_test(test)?;
    let origin = match asked.parameter("oldtestrunid") {
        None => of_test(asked, &test),
        Some(old) => of_run(asked, &asked.find_run(old)?, &test)?,
    };
    let mut run = new_run(asked, id, &test.id, &origin, &sent)?;
    check_plan(&run)?;
    let folder = asked.inner.load_tests.run(&asked.guid, id);
    let copied = copy(&folder, &origin.paths, &run.files).await;
    if let Err(error) = copied {
        let _ = std::fs::remove_dir_all(&folder);
        return Err(Refused::disk(&error));
    }
    run.started_ms = Some(asked.now_ms);
    let kept = asked.change(|resource| {
        check_quota(resource, &run)?;
        if resource.runs.contains_key(id) {
            return Err(Refused::conflict("TestRunAlreadyExists", "The test run exists already."));
        }
        resource.runs.insert(id.to_owned(), run.clone());
        Ok(())
    });
    if let Err(refused) = kept {
        if asked.find_run(id).is_err() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        return Err(refused);
    }
    drive::spawn(asked.inner, &asked.key, &asked.guid, id);
    let place =
        format!("{}{}?api-version={}", asked.call.base, asked.call.path, asked.call.api_version);
    Ok(Answer::json(StatusCode::CREATED, asked.run(&run)).with("location", place))
}

/// An existing run: only its texts can change.
fn change(asked: &Asked<'_>, id: &str, sent: &Map<String, Value>) -> Answered {
    let run = asked.change(|resource| {
        let run = resource.runs.get_mut(id).ok_or_else(|| Refused::no_run(id))?;
        if sent.get("testId").is_some_and(|test| *test != json!(run.test)) {
            let text = format!("The test run {id} exists already, of the test {}.", run.test);
            return Err(Refused::bad("TestRunAlreadyExists", text));
        }
        body::merge(&mut run.body, sent, &["displayName", "description"]);
        body::check(&mut run.body).map_err(Refused::body)?;
        run.stamp.change(asked.now_ms, &asked.call.caller);
        Ok(run.clone())
    })?;
    Ok(Answer::ok(asked.run(&run)))
}

fn inherited(from: &Map<String, Value>) -> Map<String, Value> {
    let kept = from.iter().filter(|(name, _)| INHERITED.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn of_test(asked: &Asked<'_>, test: &Test) -> Origin {
    let folder = asked.inner.load_tests.test(&asked.guid, &test.id);
    let files: Vec<InputFile> = test.files.values().cloned().collect();
    Origin {
        kind: test.kind.unwrap_or(Kind::Url),
        body: inherited(&test.body),
        secrets: test.secrets.clone(),
        owner: format!("{}/tests/{}", asked.guid, test.id),
        paths: files.iter().map(|file| folder.join(&file.blob)).collect(),
        files,
        components: test.components.clone(),
        server_metrics: test.server_metrics.clone(),
    }
}

fn of_run(asked: &Asked<'_>, run: &Run, test: &Test) -> Result<Origin, Refused> {
    if run.test != test.id {
        let text = format!("The old test run {} is one of the test {}.", run.id, run.test);
        return Err(Refused::bad("InvalidTestRun", text));
    }
    let folder = asked.inner.load_tests.run(&asked.guid, &run.id).join("files");
    let mut body = inherited(&run.body);
    // Results of the old run.
    let criteria = test.body.get("passFailCriteria").cloned();
    body.remove("passFailCriteria");
    body.extend(criteria.map(|criteria| ("passFailCriteria".to_owned(), criteria)));
    Ok(Origin {
        kind: run.kind,
        body,
        secrets: run.secrets.clone(),
        owner: format!("{}/runs/{}", asked.guid, run.id),
        paths: run.files.iter().map(|file| folder.join(&file.name)).collect(),
        files: run.files.clone(),
        components: run.components.clone(),
        server_metrics: run.server_metrics.clone(),
    })
}

fn new_run(
    asked: &Asked<'_>,
    id: &str,
    test: &str,
    origin: &Origin,
    sent: &Map<String, Value>,
) -> Result<Run, Refused> {
    let sealer = &asked.inner.vaults.sealer;
    let owner = format!("{}/runs/{id}", asked.guid);
    let mut secrets = origin.secrets.clone();
    for (name, secret) in &mut secrets {
        if let Secret::Sealed(sealed) = secret {
            let value = secrets::open(sealer, &origin.owner, name, sealed);
            let text =
                || format!("The secret {name} was encrypted with another key. Set it again.");
            let value = value.ok_or_else(|| Refused::bad("InvalidSecret", text()))?;
            let again = json!({ name.as_str(): { "type": "SECRET_VALUE", "value": value } });
            let mut one = std::collections::BTreeMap::new();
            secrets::merge(&mut one, Some(&again), sealer, &owner).map_err(Refused::body)?;
            if let Some(again) = one.remove(name) {
                *secret = again;
            }
        }
    }
    secrets::merge(&mut secrets, sent.get("secrets"), sealer, &owner).map_err(Refused::body)?;
    let mut all = origin.body.clone();
    body::merge(&mut all, sent, &OF_RUN);
    body::check(&mut all).map_err(Refused::body)?;
    all.entry("displayName").or_insert_with(|| json!(id));
    all.entry("debugLogsEnabled").or_insert(json!(false));
    all.entry("requestDataLevel").or_insert(json!("NONE"));
    Ok(Run {
        id: id.to_owned(),
        test: test.to_owned(),
        kind: origin.kind,
        body: all,
        secrets,
        files: origin.files.clone(),
        components: origin.components.clone(),
        server_metrics: origin.server_metrics.clone(),
        status: Status::Accepted,
        verdict: None,
        errors: Vec::new(),
        statistics: None,
        virtual_users: None,
        started_ms: None,
        ended_ms: None,
        execution_ms: (None, None),
        has_results: false,
        has_logs: false,
        stamp: Stamp::new(asked.now_ms, &asked.call.caller),
    })
}

/// A run needs a plan.
fn check_plan(run: &Run) -> Result<(), Refused> {
    let has_file = run.files.iter().any(|file| file.kind.is_plan());
    let configuration = run.body.get("loadTestConfiguration").cloned().unwrap_or_default();
    if has_file {
        return Ok(());
    }
    if configuration["quickStartTest"] == json!(true) {
        return url_config::quick(&configuration).map(|_| ()).map_err(Refused::body);
    }
    let text = "The test has no test script. Upload one, or make it a quick test.";
    Err(Refused::bad("TestScriptMissing", text))
}

fn check_quota(resource: &Resource, run: &Run) -> Result<(), Refused> {
    let of_test = resource.runs.values().filter(|other| other.test == run.test).count();
    if of_test >= RUNS_MAX {
        return Err(Refused::quota(format!(
            "A test has at most {RUNS_MAX} runs. Delete old ones."
        )));
    }
    let open = || resource.runs.values().filter(|other| !other.status.is_over());
    if open().count() >= OPEN_RUNS_MAX {
        let text =
            format!("At most {OPEN_RUNS_MAX} test runs can be in progress. Wait until one ends.");
        return Err(Refused::quota(text));
    }
    let engines: u32 = open().map(|other| body::engines(&other.body)).sum();
    if engines + body::engines(&run.body) > OPEN_ENGINES_MAX {
        let text = format!("At most {OPEN_ENGINES_MAX} engine instances can run at the same time.");
        return Err(Refused::quota(text));
    }
    Ok(())
}

/// Copies the files of the test with their names, so that later uploads do not change a run.
async fn copy(folder: &Path, paths: &[PathBuf], files: &[InputFile]) -> std::io::Result<()> {
    // A deleted run of the same name may have left something.
    let _ = tokio::fs::remove_dir_all(folder).await;
    let inside = folder.join("files");
    tokio::fs::create_dir_all(&inside).await?;
    for (path, file) in paths.iter().zip(files) {
        tokio::fs::copy(path, inside.join(&file.name)).await?;
    }
    Ok(())
}
