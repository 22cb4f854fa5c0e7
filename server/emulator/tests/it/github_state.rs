//! GitHub's state survives the end of the emulator, however it ends.

use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, config, in_time};
use crate::hub::{Hub, build};

async fn start(dir: &Path) -> Stage {
    Stage::start_with(config(Some(dir.to_owned()))).await
}

#[tokio::test]
async fn commits_tokens_and_environments_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    let sha = hub
        .commit(json!({ "notes/a b.txt": "ü\n", "link": { "link": "notes" }, "README.md": null }))
        .await;
    let reader = Hub::with(&stage, "dana-scott", json!({ "contents": "read" })).await.token;
    hub.send(
        Method::PUT,
        "environments/new",
        Some(json!({ "reviewers": [{ "type": "User", "id": 2 }] })),
    )
    .await;
    let app = stage.bare(Method::GET, "/emulator/github/app").await.body;
    let pem = std::fs::read_to_string(dir.path().join("github/app.pem")).expect("the app's key");
    assert_eq!(app["private_key"], pem);
    let token = hub.token.clone();
    let before = hub.get("git/trees/main?recursive=1").await.body["tree"].clone();
    stage.emulator.stop().await;

    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    assert_eq!(hub.token, token);
    assert_eq!(hub.get("commits/main").await.body["sha"], sha);
    let shas = |tree: &Value| {
        let all = tree.as_array().expect("a list").iter();
        all.map(|entry| (entry["path"].clone(), entry["sha"].clone())).collect::<Vec<_>>()
    };
    let after = hub.get("git/trees/main?recursive=1").await.body["tree"].clone();
    assert_eq!(shas(&after), shas(&before));
    let reader = Hub { stage: &stage, token: reader };
    assert_eq!(reader.get("contents/notes/a%20b.txt").await.status, StatusCode::OK);
    assert_eq!(
        hub.get("environments/new").await.body["protection_rules"][0]["type"],
        "required_reviewers"
    );
    assert_eq!(stage.bare(Method::GET, "/emulator/github/app").await.body, app);
}

#[tokio::test]
async fn a_job_that_ran_at_the_end_has_lost_its_runner() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    hub.workflow(
        &(build("image", "needs: []", "stuck-run-env") + &build("after", "needs: image", "x")),
    )
    .await;
    let run = hub.dispatch().await;
    hub.builds(run).await;
    stage.emulator.stop().await;

    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    let done = hub.reaches(run, "completed").await;
    assert_eq!(done["conclusion"], "failure");
    let jobs = hub.jobs(run).await;
    assert_eq!(
        (&jobs[0]["conclusion"], &jobs[1]["conclusion"]),
        (&json!("failure"), &json!("skipped"))
    );
    let log = hub.log(&jobs[0]).await;
    assert!(
        log.contains("##[error]The hosted runner: ")
            && log.contains("lost communication with the server"),
        "{log}"
    );
    assert!(log.contains("Requested labels"), "the earlier lines are still there: {log}");
}

#[tokio::test]
async fn a_run_that_waited_for_an_approval_still_waits() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    hub.workflow("  deploy: {environment: anet-prod, steps: []}\n").await;
    let run = hub.dispatch().await;
    hub.reaches(run, "waiting").await;
    let leo = Hub::with(&stage, "leo-lead", json!({ "deployments": "write" })).await.token;
    stage.emulator.stop().await;

    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    assert_eq!(hub.run(run).await["status"], "waiting");
    let path = format!("actions/runs/{run}/pending_deployments");
    let id = hub.get(&path).await.body[0]["environment"]["id"].clone();
    let leo = Hub { stage: &stage, token: leo };
    let approve = json!({ "environment_ids": [id], "state": "approved", "comment": "" });
    assert_eq!(leo.post(&path, approve).await.status, StatusCode::OK);
    assert_eq!(hub.reaches(run, "completed").await["conclusion"], "skipped");
    let next = hub.dispatch().await;
    assert!(next > run);
    assert_eq!(hub.run(next).await["run_number"], 2);
}

#[tokio::test]
async fn a_change_that_cannot_be_saved_is_refused_without_effect() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = start(dir.path()).await;
    let hub = Hub::new(&stage);
    hub.workflow("  a: {steps: []}\n").await;
    let head = hub.get("commits/main").await.body["sha"].clone();
    let in_the_way = [dir.path().join("github/github.new"), dir.path().join("github/runs.new")];
    in_the_way.iter().for_each(|path| std::fs::create_dir(path).expect("a folder in the way"));
    let put = json!({ "message": "x", "content": "" });
    let refused = hub.send(Method::PUT, "contents/new", Some(put.clone())).await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR, "{refused:?}");
    assert_eq!(hub.get("commits/main").await.body["sha"], head);
    let refused = hub.post("actions/workflows/test.yml/dispatches", json!({ "ref": "main" })).await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR, "{refused:?}");
    assert_eq!(hub.get("actions/runs").await.body["total_count"], 0);
    in_the_way.iter().for_each(|path| std::fs::remove_dir(path).expect("nothing in the way"));
    assert_eq!(hub.send(Method::PUT, "contents/new", Some(put)).await.status, StatusCode::CREATED);
    let run = hub.dispatch().await;
    in_time(hub.reaches(run, "completed")).await;
}

#[tokio::test]
async fn a_damaged_object_is_named_at_the_start() {
    let dir = tempfile::tempdir().expect("a folder");
    start(dir.path()).await.emulator.stop().await;
    let objects = dir.path().join("github/objects");
    let folder =
        std::fs::read_dir(&objects).expect("objects").next().expect("one").expect("it").path();
    let file = std::fs::read_dir(&folder).expect("files").next().expect("one").expect("it").path();
    std::fs::write(&file, b"damaged").expect("it can be written");
    let state = Some(dir.path().to_owned());
    let refused = emulator::Emulator::start(config(state)).await.expect_err("it is damaged");
    let cause = std::error::Error::source(&refused).expect("a cause").to_string();
    assert!(cause.contains("is damaged") && cause.contains(&file.display().to_string()), "{cause}");
}
