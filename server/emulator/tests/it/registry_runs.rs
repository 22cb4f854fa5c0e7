//! Runs of the registry up to the build: their states, failures by name, logs, lists, and restarts.

use emulator::Clock;
use reqwest::{Method, StatusCode};
use serde_json::json;
use time::macros::datetime;

use crate::harness::{Reply, Stage, config};
use crate::registry::{
    REGISTRY, archive, ended, log, log_url, order, run, schedule, scheduled, source, upload,
};

async fn cancel(stage: &Stage, id: &str) -> Reply {
    stage.post(&format!("{REGISTRY}/runs/{id}/cancel"), json!({})).await
}

/// A run whose log has stopped.
async fn stuck(stage: &Stage) -> String {
    let source = upload(stage, source()).await;
    let id = scheduled(stage, order(&source, "stuck-log:1")).await;
    stage.advance(10).await;
    id
}

#[tokio::test]
async fn a_run_goes_through_its_states() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let id = scheduled(&stage, order(&source, "stuck-log:1")).await;
    let queued = run(&stage, &id).await;
    assert!(queued["startTime"].is_null() && queued["createTime"].is_string(), "{queued}");
    assert_eq!(queued["runType"], "QuickBuild");
    stage.advance(1).await;
    let started = run(&stage, &id).await;
    assert_eq!(started["status"], "Started");
    assert_eq!(started["startTime"], "2026-01-01T00:00:01.0000000+00:00");
    stage.advance(1).await;
    assert_eq!(run(&stage, &id).await["status"], "Running");
    stage.advance(1_000).await;
    let running = run(&stage, &id).await;
    assert_eq!(running["status"], "Running", "the run is stuck");
    assert!(running["finishTime"].is_null() && running["outputImages"].is_null());
}

#[tokio::test]
async fn a_stuck_run_ends_with_its_timeout() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    for image in ["stuck-log:1", "stuck-queue:1"] {
        let mut body = order(&source, image);
        body["timeout"] = json!(300);
        let id = scheduled(&stage, body).await;
        stage.advance(299).await;
        let open = run(&stage, &id).await["status"].clone();
        assert_eq!(open, if image == "stuck-log:1" { "Running" } else { "Queued" });
        let run = ended(&stage, &id).await;
        assert_eq!(run["status"], "Timeout", "{run}");
        assert!(run["runErrorMessage"].as_str().is_some_and(|text| text.contains("300")));
        assert_eq!(run["provisioningState"], "Failed");
        assert_eq!(log(&stage, &id).await.1.as_deref(), Some("timedout"));
    }
}

#[tokio::test]
async fn a_cancelled_run_ends_and_its_log_says_so() {
    let stage = Stage::start().await;
    let id = stuck(&stage).await;
    assert_eq!(log(&stage, &id).await.1, None);
    assert_eq!(cancel(&stage, &id).await.status, StatusCode::OK);
    let run = ended(&stage, &id).await;
    assert_eq!(
        (&run["status"], &run["provisioningState"]),
        (&json!("Canceled"), &json!("Canceled"))
    );
    let (text, word) = log(&stage, &id).await;
    assert!(text.contains(&format!("Run ID: {id} was canceled after")), "{text}");
    assert_eq!(word.as_deref(), Some("canceled"));
    assert_eq!(
        cancel(&stage, &id).await.status,
        StatusCode::OK,
        "cancelling again changes nothing"
    );
    assert_eq!(cancel(&stage, "cb99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_queued_run_can_be_cancelled_before_an_agent_takes_it() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let id = scheduled(&stage, order(&source, "app:1")).await;
    cancel(&stage, &id).await;
    let run = ended(&stage, &id).await;
    assert_eq!(run["status"], "Canceled");
    assert!(run["startTime"].is_null());
}

#[tokio::test]
async fn builds_fail_by_name() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    for (image, status, error, line, word) in [
        ("fail-space:1", "Failed", "exit status 1", "no space left on device", "failed"),
        (
            "team/fail-base-2:1",
            "Failed",
            "exit status 1",
            "python:3 not found: manifest unknown",
            "failed",
        ),
        ("fail-agent:1", "Error", "agent", "Error: the agent", "internalerror"),
    ] {
        let id = scheduled(&stage, order(&source, image)).await;
        let run = ended(&stage, &id).await;
        assert_eq!(run["status"], status, "{image}: {run}");
        let text = run["runErrorMessage"].as_str().expect("a text");
        assert!(text.contains(error), "{image}: {text}");
        let (text, complete) = log(&stage, &id).await;
        assert!(text.contains(line), "{image}: {text}");
        assert!(text.contains(&format!("Run ID: {id} failed after")), "{text}");
        assert_eq!(complete.as_deref(), Some(word));
        assert_eq!(cancel(&stage, &id).await.status, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn source_code_that_cannot_be_used_fails_the_run() {
    let stage = Stage::start().await;
    let cut = source();
    let place = stage.post(&format!("{REGISTRY}/listBuildSourceUploadUrl"), json!({})).await;
    let nothing = place.body["relativePath"].as_str().expect("a path").to_owned();
    for (path, line) in [
        (nothing, "failed to download context. Please check if the URL is incorrect."),
        (upload(&stage, b"not an archive".to_vec()).await, "not a complete .tar.gz"),
        (upload(&stage, cut[..cut.len() - 9].to_vec()).await, "not a complete .tar.gz"),
        (
            upload(&stage, archive(&[("a.txt", "")])).await,
            "the Dockerfile 'Dockerfile' does not exist",
        ),
    ] {
        let id = scheduled(&stage, order(&path, "app:1")).await;
        let run = ended(&stage, &id).await;
        assert_eq!(run["status"], "Failed", "{line}: {run}");
        let (text, word) = log(&stage, &id).await;
        assert!(text.contains(line), "{text}");
        assert_eq!(word.as_deref(), Some("failed"));
    }
}

#[tokio::test]
async fn the_log_is_read_by_ranges_while_it_is_written() {
    let stage = Stage::start().await;
    let id = stuck(&stage).await;
    let url = log_url(&stage, &id).await;
    let read = async |name: &'static str, value: &str| {
        stage.http.get(&url).header(name, value).send().await.expect("an answer")
    };
    let (whole, _) = log(&stage, &id).await;
    assert!(whole.starts_with("2026/01/01 00:00:10 Downloading source code...\r\n"), "{whole}");
    assert!(whole.contains("Executing step ID: build. Timeout(sec): 3600"), "{whole}");
    let (mut text, mut etag) = (String::new(), String::new());
    loop {
        let part = read("range", &format!("bytes={}-{}", text.len(), text.len() + 99)).await;
        if part.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            assert_eq!(part.headers()["content-range"], format!("bytes */{}", text.len()));
            break;
        }
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        etag = part.headers()["etag"].to_str().expect("text").to_owned();
        text.push_str(&part.text().await.expect("text"));
    }
    assert_eq!(text, whole);
    assert_eq!(read("if-match", &etag).await.status(), StatusCode::OK);
    assert_eq!(read("if-none-match", &etag).await.status(), StatusCode::NOT_MODIFIED);
    cancel(&stage, &id).await;
    ended(&stage, &id).await;
    let changed = read("if-match", &etag).await;
    assert_eq!(changed.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(changed.headers()["x-ms-error-code"], "ConditionNotMet");
    let rest = read("range", &format!("bytes={}-", text.len())).await;
    assert_eq!(rest.headers()["x-ms-meta-complete"], "canceled");
    text.push_str(&rest.text().await.expect("text"));
    assert_eq!(text, log(&stage, &id).await.0, "what was read before stays");
}

#[tokio::test]
async fn runs_are_listed_latest_first_in_pages_and_by_filter() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    for image in ["fail-space:1", "fail-agent:1", "fail-space:2", "stuck-log:1"] {
        scheduled(&stage, order(&source, image)).await;
    }
    ended(&stage, "cb3").await;
    ended(&stage, "cb2").await;
    ended(&stage, "cb1").await;
    let names = async |path: &str| {
        let reply = stage.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let runs = reply.body["value"].as_array().expect("a list").clone();
        let names = runs.iter().map(|run| run["name"].as_str().expect("a name").to_owned());
        (names.collect::<Vec<_>>(), reply.body["nextLink"].as_str().map(str::to_owned))
    };
    let runs = format!("{REGISTRY}/runs");
    assert_eq!(
        names(&runs).await,
        (["cb4", "cb3", "cb2", "cb1"].map(str::to_owned).to_vec(), None)
    );
    let (first, next) = names(&format!("{runs}?$top=3")).await;
    assert_eq!(first, ["cb4", "cb3", "cb2"]);
    scheduled(&stage, order(&source, "stuck-log:2")).await;
    let link = next.expect("a next page");
    let token = link.split("%24skipToken=").nth(1).expect("a token");
    let (rest, none) = names(&format!("{runs}?$top=3&$skipToken={token}")).await;
    assert_eq!((rest, none), (vec!["cb1".to_owned()], None), "a new run moves no other");
    assert_eq!(names(&format!("{runs}?$filter=Status eq 'Failed'")).await.0, ["cb3", "cb1"]);
    assert_eq!(
        names(&format!("{runs}?$filter=RunId eq 'cb2' and Status ne 'Failed'")).await.0,
        ["cb2"]
    );
    let later = format!("{runs}?$filter=CreateTime ge 2026-01-02T00:00:00Z");
    assert_eq!(names(&later).await.0, Vec::<String>::new());
    assert_eq!(stage.get(&format!("{runs}?$filter=what")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_the_archive_flag_of_a_run_changes() {
    let stage = Stage::start().await;
    let id = stuck(&stage).await;
    let path = format!("{REGISTRY}/runs/{id}");
    let body = json!({ "isArchiveEnabled": true, "status": "Succeeded" });
    let reply = stage.arm(Method::PATCH, &path, Some(body)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let run = &reply.body["properties"];
    assert_eq!((&run["isArchiveEnabled"], &run["status"]), (&json!(true), &json!("Running")));
    let wrong = stage.arm(Method::PATCH, &path, Some(json!({ "isArchiveEnabled": 1 }))).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(stage.delete(&path).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_run_whose_answer_was_lost_is_scheduled_once() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let fault = json!({ "match": { "method": "POST", "path_contains": "scheduleRun" },
        "respond": "lost" });
    stage.switch(Method::POST, "/emulator/faults", fault).await;
    let url = stage.url(&format!("{REGISTRY}/scheduleRun?api-version=2019-06-01-preview"));
    let request = stage.http.post(url).bearer_auth("made-up").json(&order(&source, "stuck-log:1"));
    assert!(request.send().await.is_err());
    let runs = stage.get(&format!("{REGISTRY}/runs")).await.body;
    assert_eq!(runs["value"].as_array().map(Vec::len), Some(1), "{runs}");
    assert_eq!(runs["value"][0]["name"], "cb1");
}

#[tokio::test]
async fn faults_reach_uploads_logs_and_the_distribution_api() {
    let stage = Stage::start().await;
    let id = stuck(&stage).await;
    let link = log_url(&stage, &id).await;
    for (part, url) in [("rawtext.log", link), ("/v2/", stage.url("/v2/"))] {
        let fault = json!({ "match": { "path_contains": part }, "respond": { "status": 503 } });
        stage.switch(Method::POST, "/emulator/faults", fault).await;
        let status = stage.http.get(&url).send().await.expect("an answer").status();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{part}");
        let status = stage.http.get(&url).send().await.expect("an answer").status();
        assert_ne!(status, StatusCode::SERVICE_UNAVAILABLE, "{part}");
    }
}

#[tokio::test]
async fn after_a_restart_a_running_run_is_lost_and_a_queued_one_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(dir.path().to_owned()))).await;
    let running = stuck(&stage).await;
    let source = upload(&stage, source()).await;
    let queued = scheduled(&stage, order(&source, "fail-space:1")).await;
    stage.emulator.stop().await;

    let mut config = config(Some(dir.path().to_owned()));
    config.clock = Clock::explicit(datetime!(2026-01-01 01:00 UTC));
    let stage = Stage::start_with(config).await;
    let lost = ended(&stage, &running).await;
    assert_eq!(lost["status"], "Error", "{lost}");
    assert!(lost["runErrorMessage"].as_str().is_some_and(|text| text.contains("agent")), "{lost}");
    let (text, word) = log(&stage, &running).await;
    assert!(text.contains("Downloading source code...") && text.contains("failed after"), "{text}");
    assert_eq!(word.as_deref(), Some("internalerror"));
    assert_eq!(ended(&stage, &queued).await["status"], "Failed");
    let next = scheduled(&stage, order(&source, "stuck-log:1")).await;
    assert_eq!(next, "cb3", "numbers are not used again");
}

#[tokio::test]
async fn several_runs_do_not_wait_for_each_other() {
    let stage = Stage::start().await;
    let first = stuck(&stage).await;
    let source = upload(&stage, source()).await;
    let reply = schedule(&stage, order(&source, "fail-space:1")).await;
    let second = reply.body["name"].as_str().expect("an id");
    assert_eq!(ended(&stage, second).await["status"], "Failed");
    assert_eq!(run(&stage, &first).await["status"], "Running");
}
