//! Dispatching workflows, and lists of runs.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, in_time};
use crate::hub::{Hub, build};

#[tokio::test]
async fn workflows_of_the_default_branch_are_listed() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let all = hub.get("actions/workflows").await.body;
    let paths: Vec<_> =
        all["workflows"].as_array().expect("a list").iter().map(|w| &w["path"]).collect();
    assert_eq!(all["total_count"], paths.len());
    assert!(paths.contains(&&json!(".github/workflows/route.yml")), "{paths:?}");
    let by_name = hub.get("actions/workflows/route.yml").await.body;
    assert_eq!(
        (&by_name["name"], &by_name["state"]),
        (&json!("Move live traffic"), &json!("active"))
    );
    let by_id = hub.get(&format!("actions/workflows/{}", by_name["id"])).await.body;
    assert_eq!(by_id, by_name);
    assert_eq!(hub.get("actions/workflows/none.yml").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invalid_dispatch_is_rejected_in_githubs_words() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let many: serde_json::Map<_, _> = (0..26).map(|n| (format!("i{n}"), json!("x"))).collect();
    let route = json!({ "shadow": "x", "percentage": "1" });
    for (workflow, body, message) in [
        (
            "deploy.yml",
            json!({ "ref": "main" }),
            "Workflow does not have 'workflow_dispatch' trigger",
        ),
        ("route.yml", json!({ "ref": "nowhere", "inputs": route }), "No ref found for: nowhere"),
        ("route.yml", json!({ "ref": "main" }), "Required input 'shadow' not provided"),
        (
            "route.yml",
            json!({ "ref": "main", "inputs": { "shadow": "x", "percentage": "1", "foo": "1" } }),
            "Unexpected inputs provided: [\"foo\"]",
        ),
        (
            "route.yml",
            json!({ "ref": "main", "inputs": many }),
            "No more than 25 properties are allowed; 26",
        ),
        (
            "build-by-hand.yml",
            json!({ "ref": "main", "inputs": { "target_layer": "nothing" } }),
            "not in the list of allowed values",
        ),
        ("route.yml", json!({}), "\"ref\" wasn't supplied"),
    ] {
        let refused = hub.post(&format!("actions/workflows/{workflow}/dispatches"), body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert!(refused.message().contains(message), "{refused:?}");
    }
    let unknown = hub.post("actions/workflows/none.yml/dispatches", json!({ "ref": "main" })).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let broken = json!({ ".github/workflows/broken.yml": "on: workflow_dispatch\njobs: [" });
    hub.commit(broken).await;
    let refused =
        hub.post("actions/workflows/broken.yml/dispatches", json!({ "ref": "main" })).await;
    assert!(refused.message().starts_with("failed to parse workflow: "), "{refused:?}");
    assert_eq!(hub.get("actions/runs").await.body["total_count"], 0);
}

#[tokio::test]
async fn a_workflow_must_be_on_the_default_branch_and_runs_as_its_own_branch_has_it() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let text = "on: workflow_dispatch\njobs: {a: {steps: []}}";
    let body = json!({ "branch": "side", "files": { ".github/workflows/side.yml": text } });
    stage.switch(Method::POST, "/emulator/github/commit", body).await;
    let path = "actions/workflows/side.yml/dispatches";
    let refused = hub.post(path, json!({ "ref": "side" })).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    hub.commit(json!({ ".github/workflows/side.yml": "on: push\njobs: {a: {steps: []}}" })).await;
    assert_eq!(hub.post(path, json!({ "ref": "side" })).await.status, StatusCode::NO_CONTENT);
    let refused = hub.post(path, json!({ "ref": "main" })).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_old_server_does_not_return_the_run() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow("  a: {steps: []}\n").await;
    let path = "actions/workflows/test.yml/dispatches";
    let asked = json!({ "ref": "main", "return_run_details": true });
    assert_eq!(hub.post(path, json!({ "ref": "main" })).await.status, StatusCode::NO_CONTENT);
    let told = hub.post(path, asked.clone()).await;
    assert_eq!(told.status, StatusCode::OK);
    let id = &told.body["workflow_run_id"];
    assert!(
        told.body["run_url"]
            .as_str()
            .is_some_and(|url| url.ends_with(&format!("/actions/runs/{id}")))
    );
    let old = json!({ "return_run_details": false });
    stage.switch(Method::PUT, "/emulator/github/settings", old).await;
    let silent = hub.post(path, asked).await;
    assert_eq!((silent.status, &silent.body), (StatusCode::NO_CONTENT, &json!("")));
}

#[tokio::test]
async fn runs_are_found_by_their_properties() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow("  a: {steps: []}\n").await;
    let first = hub.dispatch().await;
    hub.reaches(first, "completed").await;
    stage.advance(3_600).await;
    let body = json!({ "branch": "side", "files": { "x": "y" } });
    stage.switch(Method::POST, "/emulator/github/commit", body).await;
    let dana = Hub::with(&stage, "dana-scott", json!({ "actions": "write" })).await;
    let dispatched = json!({ "ref": "side", "return_run_details": true });
    let second = dana.post("actions/workflows/test.yml/dispatches", dispatched).await;
    let second = second.body["workflow_run_id"].as_u64().expect("an id");
    hub.reaches(second, "completed").await;
    let sha = hub.run(first).await["head_sha"].as_str().expect("a commit").to_owned();
    let found = async |query: &str| {
        let runs = hub.get(&format!("actions/workflows/test.yml/runs?{query}")).await.body;
        let ids =
            runs["workflow_runs"].as_array().expect("a list").iter().map(|run| run["id"].as_u64());
        let ids: Vec<u64> = ids.map(|id| id.expect("an id")).collect();
        assert_eq!(runs["total_count"], ids.len());
        ids
    };
    assert_eq!(found("").await, [second, first]);
    assert_eq!(found("branch=side").await, [second]);
    assert_eq!(found("actor=dana-scott").await, [second]);
    assert_eq!(found("event=workflow_dispatch&status=completed").await, [second, first]);
    assert!(found("event=push").await.is_empty());
    assert_eq!(found("status=skipped").await, [second, first]);
    assert!(found("status=success").await.is_empty());
    assert_eq!(found(&format!("head_sha={sha}")).await, [first]);
    assert_eq!(found("created=%3E%3D2026-01-01T00:30:00Z").await, [second]);
    assert_eq!(found("created=%3E=2026-01-01T00:30:00%2B00:00").await, [second]);
    let page = hub.get("actions/runs?per_page=1&page=2").await;
    assert_eq!(
        (&page.body["total_count"], &page.body["workflow_runs"][0]["id"]),
        (&json!(2), &json!(first))
    );
    assert!(page.header("link").contains("rel=\"prev\""), "{}", page.header("link"));
}

#[tokio::test]
async fn a_lost_answer_to_a_dispatch_leaves_one_run() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow("  a: {steps: []}\n").await;
    let fault =
        json!({ "match": { "method": "POST", "path_contains": "/dispatches" }, "respond": "lost" });
    stage.switch(Method::POST, "/emulator/faults", fault).await;
    let path = stage.url(&format!("{}/actions/workflows/test.yml/dispatches", crate::hub::REPO));
    let request = stage.http.post(path).header("user-agent", "a-test").bearer_auth(&hub.token);
    assert!(request.json(&json!({ "ref": "main" })).send().await.is_err(), "no answer arrives");
    let seen = async {
        loop {
            let runs = hub.get("actions/runs").await.body;
            if runs["total_count"] == 1 {
                return;
            }
        }
    };
    in_time(seen).await;
}

#[tokio::test]
async fn secondary_rate_limits_name_the_time_to_wait() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow("  a: {steps: []}\n").await;
    let message =
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let fault = json!({ "match": { "method": "POST", "path_contains": "/dispatches" },
        "respond": { "status": 429, "retry_after": 60, "body": { "message": message } } });
    stage.switch(Method::POST, "/emulator/faults", fault).await;
    let refused = hub.post("actions/workflows/test.yml/dispatches", json!({ "ref": "main" })).await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
    assert_eq!(refused.message(), message);
    assert_eq!(hub.get("actions/runs").await.body["total_count"], 0);
}

#[tokio::test]
async fn the_number_of_open_runs_is_limited() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    hub.workflow(&build("a", "if: true", "stuck-run-many")).await;
    let path = "actions/workflows/test.yml/dispatches";
    for _ in 0..100 {
        assert_eq!(hub.post(path, json!({ "ref": "main" })).await.status, StatusCode::NO_CONTENT);
    }
    let refused = hub.post(path, json!({ "ref": "main" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    let run: &Value = &hub.get("actions/runs").await.body["workflow_runs"][0];
    hub.post(&format!("actions/runs/{}/cancel", run["id"]), json!({})).await;
    hub.reaches(run["id"].as_u64().expect("an id"), "completed").await;
    assert_eq!(hub.post(path, json!({ "ref": "main" })).await.status, StatusCode::NO_CONTENT);
}
