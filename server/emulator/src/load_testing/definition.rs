//! Tests: what to run, without their files.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::listing::{Item, page};
use super::refused::Refused;
use super::wire::{Answered, Asked};
use crate::loads::body::{self, OF_TEST};
use crate::loads::kept::{Kind, Stamp, Test};
use crate::loads::{secrets, url_config};
use crate::protocol::call::Answer;

/// Tests of a resource (learn.microsoft.com, service limits).
const TESTS_MAX: usize = 10_000;

impl Asked<'_> {
    /// A test that exists.
    pub fn find_test(&self, id: &str) -> Result<Test, Refused> {
        self.look(|resource| resource.tests.get(id).cloned().ok_or_else(|| Refused::no_test(id)))
    }

    /// The body of a PATCH.
    pub fn patch(&self) -> Result<Map<String, Value>, Refused> {
        // The parser's text could quote a secret.
        let sent = self.call.object();
        let sent = sent.map_err(|_| Refused::body("The request body is not a JSON object."))?;
        Ok(sent.as_object().cloned().unwrap_or_default())
    }
}

fn empty(asked: &Asked<'_>, id: &str) -> Test {
    Test {
        id: id.to_owned(),
        kind: None,
        body: Map::new(),
        secrets: BTreeMap::new(),
        files: BTreeMap::new(),
        components: Map::new(),
        server_metrics: Map::new(),
        stamp: Stamp::new(asked.now_ms, &asked.call.caller),
    }
}

/// `kind`; null is as if it were absent.
fn kind(sent: &Map<String, Value>) -> Result<Option<Kind>, Refused> {
    match sent.get("kind") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("url") => Ok(Some(Kind::Url)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("jmx") => Ok(Some(Kind::Jmx)),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("locust") => Ok(Some(Kind::Locust)),
        Some(_) => Err(Refused::body("The property 'kind' must be URL, JMX or Locust.")),
    }
}

/// `PATCH /tests/{id}`: creates or changes a test.
pub fn patch(asked: &Asked<'_>, id: &str) -> Answered {
    if !body::is_id(id) {
        let text = "A test id has 2 to 50 lower-case letters, digits, underscores and hyphens.";
        return Err(Refused::bad("InvalidTestId", text));
    }
    let sent = asked.patch()?;
    let kind = kind(&sent)?;
    let sealer = &asked.inner.vaults.sealer;
    let (test, is_new) = asked.change(|resource| {
        let old = resource.tests.get(id).cloned();
        let is_new = old.is_none();
        if is_new && resource.tests.len() >= TESTS_MAX {
            return Err(Refused::quota(format!("A resource has at most {TESTS_MAX} tests.")));
        }
        let mut test = old.unwrap_or_else(|| empty(asked, id));
        if let Some(kind) = kind {
            let plan = test.files.values().find(|file| file.kind.is_plan());
            if plan.is_some() && test.kind != Some(kind) {
                let text = "The kind cannot be changed while the test has a test script. Delete the script first.";
                return Err(Refused::bad("InvalidTestKind", text));
            }
            test.kind = Some(kind);
        }
        body::merge(&mut test.body, &sent, &OF_TEST);
        body::check(&mut test.body).map_err(Refused::body)?;
        let configuration = test.body.get("loadTestConfiguration").cloned().unwrap_or_default();
        if configuration["quickStartTest"] == json!(true) {
            url_config::quick(&configuration).map_err(Refused::body)?;
            test.kind = Some(Kind::Url);
        }
        let owner = format!("{}/tests/{id}", asked.guid);
        secrets::merge(&mut test.secrets, sent.get("secrets"), sealer, &owner)
            .map_err(Refused::body)?;
        test.stamp.change(asked.now_ms, &asked.call.caller);
        resource.tests.insert(id.to_owned(), test.clone());
        Ok((test, is_new))
    })?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = Answer::json(status, asked.test(&test));
    let place =
        format!("{}{}?api-version={}", asked.call.base, asked.call.path, asked.call.api_version);
    Ok(if is_new { answer.with("location", place) } else { answer })
}

/// `GET /tests/{id}`
pub fn get(asked: &Asked<'_>, id: &str) -> Answered {
    Ok(Answer::ok(asked.test(&asked.find_test(id)?)))
}

/// `GET /tests`
pub fn list(asked: &Asked<'_>) -> Answered {
    let from = asked.time("lastmodifiedstarttime")?.unwrap_or(i64::MIN);
    let to = asked.time("lastmodifiedendtime")?.unwrap_or(i64::MAX);
    let tests: Vec<Test> = asked.look(|resource| Ok(resource.tests.values().cloned().collect()))?;
    let inside = tests.iter().filter(|test| (from..=to).contains(&test.stamp.modified_ms));
    let item = |test: &Test| {
        let name = test.body.get("displayName").and_then(Value::as_str).unwrap_or_default();
        Item {
            texts: vec![test.id.clone(), name.to_owned(), test.stamp.created_by.clone()],
            fields: vec![
                ("displayName", json!(name)),
                ("testId", json!(test.id)),
                ("createdBy", json!(test.stamp.created_by)),
                ("createdDateTime", json!(test.stamp.created_ms)),
                ("lastModifiedDateTime", json!(test.stamp.modified_ms)),
            ],
            view: asked.test(test),
        }
    };
    page(asked, inside.map(item).collect(), "lastModifiedDateTime desc")
}

/// `DELETE /tests/{id}`: the test, its files, its runs and their results.
pub fn delete(asked: &Asked<'_>, id: &str) -> Answered {
    let runs = asked.change(|resource| {
        if !resource.tests.contains_key(id) {
            return Err(Refused::no_test(id));
        }
        let of_test = |run: &&crate::loads::kept::Run| run.test == id;
        if let Some(run) = resource.runs.values().filter(of_test).find(|run| !run.status.is_over())
        {
            let text = format!("The test run {} is in progress. Stop it first.", run.id);
            return Err(Refused::conflict("TestRunInProgress", text));
        }
        let runs: Vec<String> =
            resource.runs.values().filter(of_test).map(|r| r.id.clone()).collect();
        resource.runs.retain(|_, run| run.test != id);
        resource.tests.remove(id);
        Ok(runs)
    })?;
    let live = &asked.inner.load_tests;
    // What cannot be removed is not reachable, and is replaced if the name is used again.
    let _ = std::fs::remove_dir_all(live.test(&asked.guid, id));
    for run in runs {
        let _ = std::fs::remove_dir_all(live.run(&asked.guid, &run));
    }
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
