//! Runs: reading, stopping and deleting them.

use http::StatusCode;
use serde_json::{Value, json};

use super::listing::{Item, page};
use super::refused::Refused;
use super::shapes::FILE_S;
use super::wire::{Answered, Asked};
use crate::loads::kept::{Run, Status};
use crate::protocol::call::Answer;

impl Asked<'_> {
    /// A run that exists.
    pub fn find_run(&self, id: &str) -> Result<Run, Refused> {
        self.look(|resource| resource.runs.get(id).cloned().ok_or_else(|| Refused::no_run(id)))
    }
}

/// `GET /test-runs/{id}`
pub fn get(asked: &Asked<'_>, id: &str) -> Answered {
    Ok(Answer::ok(asked.run(&asked.find_run(id)?)))
}

/// `GET /test-runs`
pub fn list(asked: &Asked<'_>) -> Answered {
    let words = |name: &str| {
        let all = asked.parameter(name).map(|text| text.split(',').map(str::trim));
        all.map(|all| all.map(str::to_owned).collect::<Vec<_>>())
    };
    let mut tests = words("testids").unwrap_or_default();
    tests.extend(words("testid").unwrap_or_default());
    let status = words("status");
    let from = asked.time("executionfrom")?.unwrap_or(i64::MIN);
    let to = asked.time("executionto")?.unwrap_or(i64::MAX);
    let runs: Vec<Run> = asked.look(|resource| Ok(resource.runs.values().cloned().collect()))?;
    let is_asked = |run: &&Run| {
        let has = |status: &Vec<String>| {
            status.iter().any(|word| word.eq_ignore_ascii_case(run.status.as_str()))
        };
        (tests.is_empty() || tests.contains(&run.test))
            && status.as_ref().is_none_or(has)
            && (from..=to).contains(&run.stamp.created_ms)
    };
    let item = |run: &Run| {
        let name = run.body.get("displayName").and_then(Value::as_str).unwrap_or_default();
        Item {
            texts: vec![
                run.id.clone(),
                name.to_owned(),
                run.test.clone(),
                run.stamp.created_by.clone(),
            ],
            fields: vec![
                ("displayName", json!(name)),
                ("testRunId", json!(run.id)),
                ("status", json!(run.status.as_str())),
                ("createdDateTime", json!(run.stamp.created_ms)),
                ("executedDateTime", json!(run.stamp.created_ms)),
                ("lastModifiedDateTime", json!(run.stamp.modified_ms)),
            ],
            view: asked.run(run),
        }
    };
    page(asked, runs.iter().filter(is_asked).map(item).collect(), "executedDateTime desc")
}

/// `POST /test-runs/{id}:stop`
pub fn stop(asked: &Asked<'_>, id: &str) -> Answered {
    let run = asked.change(|resource| {
        let run = resource.runs.get_mut(id).ok_or_else(|| Refused::no_run(id))?;
        if run.status.is_over() {
            let text = format!("The test run is over: its status is {}.", run.status.as_str());
            return Err(Refused::bad("InvalidTestRunStatus", text));
        }
        run.status = Status::Cancelling;
        run.stamp.change(asked.now_ms, &asked.call.caller);
        Ok(run.clone())
    })?;
    asked.inner.load_tests.cancel(&asked.run_key(id));
    Ok(Answer::ok(asked.run(&run)))
}

/// `DELETE /test-runs/{id}`
pub fn delete(asked: &Asked<'_>, id: &str) -> Answered {
    asked.change(|resource| {
        let run = resource.runs.get(id).ok_or_else(|| Refused::no_run(id))?;
        if !run.status.is_over() {
            let text = format!("The test run {id} is in progress. Stop it first.");
            return Err(Refused::conflict("TestRunInProgress", text));
        }
        resource.runs.remove(id);
        Ok(())
    })?;
    // What cannot be removed is not reachable, and is replaced if the name is used again.
    let _ = std::fs::remove_dir_all(asked.inner.load_tests.run(&asked.guid, id));
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /test-runs/{id}/files/{name}`
pub fn file(asked: &Asked<'_>, id: &str, name: &str) -> Answered {
    let run = asked.find_run(id)?;
    if let Some(file) = run.files.iter().find(|file| file.name == name) {
        return Ok(Answer::ok(asked.file(file, &format!("runs/{id}/files/{name}"), FILE_S)));
    }
    let has = match name {
        "csv.zip" => run.has_results,
        "logs.zip" => run.has_logs,
        _ => false,
    };
    if has { Ok(Answer::ok(asked.output(&run, name))) } else { Err(Refused::no_file(name)) }
}
