//! Builds by the team's own workflow on GitHub.

use super::{begun, build_job, ended, job, lines, press, push, started, until, versions, view};
use crate::support::github::OnGitHub;
use crate::support::{Browser, DANA, TestConsole, Wanted};
use domain::job::build::Method;
use domain::job::{Ending, StepKind};
use reqwest::Method as Verb;
use serde_json::{Value, json};
use server::releases::building::{Building, By};

const BY_HAND: &str = "/releases/ml-azua/build-by-hand.yml/build/build";
const PROD: &str = "/releases/ml-azua/prod.yml/image/build";

pub fn by_workflow() -> Wanted {
    let building = Building { method: By::Workflow, ..Building::default() };
    Wanted { building: Some(building), ..Wanted::default() }
}

async fn with_dana() -> (TestConsole, Browser) {
    let console = started(by_workflow()).await;
    let dana = console.signed_in_as(DANA).await;
    (console, dana)
}

/// Commits a workflow that builds for the production stage, beside other jobs.
pub async fn with_prod(console: &TestConsole, on: &str) {
    let text = format!(
        "on: {on}\njobs:\n  checks:\n    runs-on: ubuntu-latest\n    steps: []\n{}    needs: checks\n  after:\n    \
         needs: image\n    if: github.ref == 'refs/heads/main'\n    runs-on: ubuntu-latest\n    steps: []\n",
        build_job("app")
    );
    push(console, json!({ ".github/workflows/prod.yml": text })).await;
}

/// The repository on GitHub, for somebody with this token.
fn github(console: &TestConsole, token: &str) -> OnGitHub {
    let (http, api) = (console.http.clone(), console.github_api.clone());
    OnGitHub { http, api, token: token.to_owned() }
}

/// Approves what a run waits for, as the lead.
pub async fn approve(console: &TestConsole, run: &str) {
    let rights = json!({ "actions": "read", "deployments": "write" });
    let wanted = json!({ "login": "leo-lead", "permissions": rights });
    let leo = console.ask(Verb::POST, "/emulator/github/tokens", Some(wanted)).await;
    let leo = github(console, leo["token"].as_str().expect("a token"));
    let path = format!("actions/runs/{run}/pending_deployments");
    let pending = leo.ask(Verb::GET, &path, None).await;
    let ids = json!([pending[0]["environment"]["id"]]);
    let body = json!({ "environment_ids": ids, "state": "approved", "comment": "Go" });
    leo.ask(Verb::POST, &path, Some(body)).await;
}

/// The repository's workflow runs.
pub async fn workflow_runs(console: &TestConsole) -> Vec<Value> {
    github(console, &console.github_token).runs().await
}

/// The log of each job of a run, with the job's name and conclusion.
pub async fn job_logs(console: &TestConsole, run: &str) -> Vec<(String, Vec<String>)> {
    github(console, &console.github_token).job_logs(run).await
}

/// Checks that a log has the log of each job once and whole.
#[track_caller]
pub fn is_whole(stored: &[String], jobs: &[(String, Vec<String>)]) {
    let expected: usize = jobs.iter().map(|(_, lines)| lines.len() + 1).sum();
    assert_eq!(stored.len(), expected, "{stored:#?}\n{jobs:#?}");
    for (title, lines) in jobs {
        let at = stored.iter().position(|line| line == title);
        let at = at.unwrap_or_else(|| panic!("{title}: {stored:#?}")) + 1;
        assert_eq!(stored[at..at + lines.len()], lines[..], "{title}");
    }
}

#[tokio::test]
async fn a_workflow_is_started_with_the_answers_and_its_version_is_found() {
    let (console, mut dana) = with_dana().await;
    let page = dana.get(BY_HAND).await.expect(200);
    page.says("Only GitHub can evaluate");
    let query = "in.ml_env_description=Built+by+hand&in.target_layer=litserve";
    let page = dana.get(&format!("{BY_HAND}?{query}")).await.expect(200);
    page.says("GitHub also runs 2 jobs that do not build the image");
    let jobs = page.text_of("#jobs").expect("the jobs");
    for words in
        ["pre-commit", "deploy", "builds the image", "runs too", "deploy_realtime.yml@main"]
    {
        assert!(jobs.contains(words), "{words}: {jobs}");
    }
    let id = begun(&mut dana, &format!("{BY_HAND}?{query}")).await;
    let ending = ended(&console, &id).await;
    let view = view(&mut dana, &id).await;
    assert_eq!(ending, Ending::Succeeded, "{view:#}");
    let Method::Workflow { on, inputs, .. } = job(&console, &id).await.build.method else {
        panic!()
    };
    let expected = [("description", "Built by hand"), ("target_layer", "litserve")];
    assert_eq!(inputs, expected.map(|(key, text)| (key.to_owned(), text.to_owned())));
    assert_eq!(on, "main");
    assert!(
        view["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")),
        "{view:#}"
    );
    let run = job(&console, &id).await.state.run().expect("a run").to_owned();
    is_whole(&lines(&console, &id).await, &job_logs(&console, &run).await);
    let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
    page.says(&format!("ml-azua-litserve-env:{}", view["version"].as_str().expect("a version")));
}

#[tokio::test]
async fn an_answer_that_the_workflow_does_not_take_is_refused() {
    let (console, mut dana) = with_dana().await;
    let full = "in.ml_env_description=x&in.target_layer=litserve";
    for (query, said) in [
        (format!("{full}&in.ml_env_name=other"), "The workflow's file sets ml_env_name"),
        ("in.ml_env_description=x&in.target_layer=base".to_owned(), "“base” is not a choice"),
    ] {
        let page = dana.get(&format!("{BY_HAND}?{query}")).await.expect(200);
        page.says(said);
        assert_eq!(page.attribute("#start input[name=commit]", "value"), None);
    }
    // The release of a workflow that only a push starts.
    let page = dana.get(super::BUILD_PROD).await.expect(200);
    page.says("deploy.yml cannot be started: it has no workflow_dispatch.");
    assert!(workflow_runs(&console).await.is_empty());
}

#[tokio::test]
async fn a_pending_approval_is_shown_and_the_job_continues_after_it() {
    let (console, mut dana) = with_dana().await;
    with_prod(&console, "workflow_dispatch").await;
    let id = begun(&mut dana, PROD).await;
    until(&console, "it waits", async || {
        let state = job(&console, &id).await.state;
        state.steps.iter().any(|step| !step.approvals.is_empty()).then_some(())
    })
    .await;
    let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
    let approvals = page.text_of("#approvals").expect("approvals");
    for words in ["anet-prod", "leo-lead", "Review on GitHub"] {
        assert!(approvals.contains(words), "{words}: {approvals}");
    }
    assert!(page.attribute("#approvals a[href^=http]", "href").is_some());
    let run = job(&console, &id).await.state.run().expect("a run").to_owned();
    approve(&console, &run).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    assert_eq!(versions(&console, "app").await.len(), 1);
    assert_eq!(view(&mut dana, &id).await["approvals"], json!([]));
    is_whole(&lines(&console, &id).await, &job_logs(&console, &run).await);
}

#[tokio::test]
async fn one_workflow_runs_although_githubs_answer_is_lost_or_names_no_run() {
    let (console, mut dana) = with_dana().await;
    let page = format!("{BY_HAND}?in.ml_env_description=x&in.target_layer=litserve");
    let lost =
        json!({ "match": { "method": "POST", "path_contains": "/dispatches" }, "respond": "lost" });
    console.fault(lost).await;
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    assert_eq!(workflow_runs(&console).await.len(), 1);
    // An older server.
    let old = json!({ "return_run_details": false });
    console.ask(Verb::PUT, "/emulator/github/settings", Some(old)).await;
    push(&console, json!({ "notes.md": "x" })).await;
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    assert_eq!(workflow_runs(&console).await.len(), 2);
}

#[tokio::test]
async fn a_workflow_is_cancelled_on_github_and_its_failed_jobs_run_again() {
    let (console, mut dana) = with_dana().await;
    with_prod(&console, "workflow_dispatch").await;
    let id = super::id_of(&press(&mut dana, PROD).await);
    until(&console, "the workflow runs", async || {
        let state = job(&console, &id).await.state;
        let step = state.steps.iter().find(|step| step.kind == StepKind::Workflow)?;
        step.note.clone()
    })
    .await;
    dana.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(303);
    assert!(matches!(ended(&console, &id).await, Ending::Cancelled { .. }));
    let all = workflow_runs(&console).await;
    assert_eq!((all.len(), &all[0]["conclusion"]), (1, &json!("cancelled")));
    assert!(versions(&console, "app").await.is_empty());

    let again = dana.post(&format!("/jobs/{id}/repeat"), &[("failed_only", "true")]).await;
    let again = super::id_of(&again);
    until(&console, "it waits", async || {
        let state = job(&console, &again).await.state;
        state.steps.iter().any(|step| !step.approvals.is_empty()).then_some(())
    })
    .await;
    let run = job(&console, &again).await.state.run().expect("a run").to_owned();
    approve(&console, &run).await;
    assert_eq!(ended(&console, &again).await, Ending::Succeeded);
    assert_eq!(workflow_runs(&console).await.len(), 1, "a new attempt of the same run");
}
