//! The container registry in ARM, and what its other tests share: source code, uploads, and runs.

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, in_time};

pub const REGISTRY: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers/Microsoft.ContainerRegistry/registries/critdev";

/// A `.tar.gz` with these files.
pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).expect("in memory");
    }
    archive.into_inner().expect("in memory").finish().expect("in memory")
}

/// Source code with a Dockerfile of two layers.
pub fn source() -> Vec<u8> {
    let dockerfile = "FROM python:3 AS litserve\nWORKDIR /app\nCOPY serve.py .\nCMD [\"python\", \"serve.py\"]\n\
                      FROM litserve AS training\nCOPY notes.txt .\n";
    archive(&[("Dockerfile", dockerfile), ("serve.py", "print(1)\n"), ("notes.txt", "notes\n")])
}

/// Uploads source code; returns the path for `sourceLocation`.
pub async fn upload(stage: &Stage, bytes: Vec<u8>) -> String {
    let place = stage.post(&format!("{REGISTRY}/listBuildSourceUploadUrl"), json!({})).await;
    assert_eq!(place.status, StatusCode::OK, "{place:?}");
    let url = place.body["uploadUrl"].as_str().expect("a URL");
    let put = stage.http.put(url).header("x-ms-blob-type", "BlockBlob").body(bytes);
    assert_eq!(put.send().await.expect("an answer").status(), StatusCode::CREATED);
    place.body["relativePath"].as_str().expect("a path").to_owned()
}

/// A build of an upload.
pub fn order(source: &str, image: &str) -> Value {
    json!({
        "type": "DockerBuildRequest", "imageNames": [image], "isPushEnabled": true, "noCache": false,
        "dockerFilePath": "Dockerfile", "timeout": 3600, "sourceLocation": source,
        "platform": { "os": "Linux", "architecture": "amd64" }, "agentConfiguration": { "cpu": 2 },
        "arguments": [],
    })
}

pub async fn schedule(stage: &Stage, body: Value) -> Reply {
    stage.post(&format!("{REGISTRY}/scheduleRun"), body).await
}

/// Schedules a build; returns the run's id.
pub async fn scheduled(stage: &Stage, body: Value) -> String {
    let reply = schedule(stage, body).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!(reply.body["properties"]["status"], "Queued");
    reply.body["name"].as_str().expect("an id").to_owned()
}

pub async fn run(stage: &Stage, id: &str) -> Value {
    stage.get(&format!("{REGISTRY}/runs/{id}")).await.body["properties"].clone()
}

/// Advances the clock until the run has ended.
pub async fn ended(stage: &Stage, id: &str) -> Value {
    let ended = async {
        loop {
            stage.advance(1).await;
            let run = run(stage, id).await;
            let status = run["status"].as_str().expect("a status").to_owned();
            if !["Queued", "Started", "Running"].contains(&status.as_str()) {
                return run;
            }
        }
    };
    in_time(ended).await
}

pub async fn log_url(stage: &Stage, id: &str) -> String {
    let reply = stage.post(&format!("{REGISTRY}/runs/{id}/listLogSasUrl"), json!({})).await;
    reply.body["logLink"].as_str().expect("a link").to_owned()
}

/// The text of a log, and the outcome in its metadata.
pub async fn log(stage: &Stage, id: &str) -> (String, Option<String>) {
    let answer = stage.http.get(log_url(stage, id).await).send().await.expect("an answer");
    assert_eq!(answer.headers()["x-ms-blob-type"], "AppendBlob");
    let word = answer.headers().get("x-ms-meta-complete");
    let word = word.map(|word| word.to_str().expect("text").to_owned());
    (answer.text().await.expect("text"), word)
}

#[tokio::test]
async fn a_workspace_names_its_registry() {
    let stage = Stage::start().await;
    let named = stage.get("").await.body["properties"]["containerRegistry"].clone();
    assert_eq!(named, REGISTRY);
    let host = stage.emulator.url().as_str().trim_start_matches("http://").to_owned();
    for version in ["2019-06-01-preview", "2019-04-01", "2025-03-01-preview", "2023-07-01"] {
        let url = stage.url(&format!("{REGISTRY}?api-version={version}"));
        let request = stage.http.get(url).bearer_auth("made-up");
        let got = Reply::read(request.send().await.expect("an answer")).await;
        assert_eq!((got.status, &got.body["id"]), (StatusCode::OK, &json!(REGISTRY)), "{version}");
        assert_eq!(got.body["properties"]["loginServer"], host.trim_end_matches('/'));
        assert_eq!(got.body["properties"]["provisioningState"], "Succeeded");
        assert_eq!(got.body["sku"]["tier"], "Standard");
    }
    let (group, name) = REGISTRY.rsplit_once('/').expect("a path");
    let all = stage.get(group).await;
    assert_eq!(all.body["value"][0]["name"], name);
    let other = stage.get(&format!("{group}/other")).await;
    assert_eq!((other.status, other.code()), (StatusCode::NOT_FOUND, "ResourceNotFound"));
    let upper =
        stage.get(&REGISTRY.to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions")).await;
    assert_eq!(upper.status, StatusCode::OK);
}

#[tokio::test]
async fn a_detached_workspace_names_no_registry_until_one_is_attached() {
    let stage = Stage::start().await;
    for (switch, expect) in [("detach", Value::Null), ("attach", json!(REGISTRY))] {
        let path = format!("/emulator/registry/{switch}");
        let reply = stage.switch(Method::POST, &path, json!({})).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT);
        assert_eq!(stage.get("").await.body["properties"]["containerRegistry"], expect);
    }
}

#[tokio::test]
async fn invalid_requests_are_refused_and_schedule_nothing() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    for (field, value, word) in [
        ("imageNames", json!(["App:1"]), "[App:1]"),
        ("imageNames", json!(["app:'1'"]), "tag"),
        ("imageNames", json!(["app:{{.Values.x}}"]), ".Run.ID"),
        ("imageNames", json!("app:1"), "list"),
        ("timeout", json!(299), "300 to 28800"),
        ("timeout", json!(28_801), "300 to 28800"),
        ("dockerFilePath", Value::Null, "dockerFilePath"),
        ("dockerFilePath", json!("../Dockerfile"), "dockerFilePath"),
        ("dockerFilePath", json!("/Dockerfile"), "dockerFilePath"),
        ("sourceLocation", Value::Null, "listBuildSourceUploadUrl"),
        ("sourceLocation", json!("../state.json"), "listBuildSourceUploadUrl"),
        ("sourceLocation", json!("https://github.com/o/r.git#main"), "does not download"),
        ("platform", Value::Null, "platform.os"),
        ("platform", json!({ "os": "Windows" }), "Windows"),
        ("platform", json!({ "os": "Linux", "architecture": "arm64" }), "arm64"),
        ("agentPoolName", json!("pool"), "[pool]"),
        ("arguments", json!([{ "name": "a b", "value": "" }]), "arguments[0].name"),
        ("arguments", json!([{ "name": "a" }]), "arguments[0].value"),
        ("isPushEnabled", json!("yes"), "isPushEnabled"),
        ("type", json!("EncodedTaskRunRequest"), "DockerBuildRequest"),
        ("type", json!("FileTaskRunRequest"), "DockerBuildRequest"),
        ("type", Value::Null, "'type'"),
    ] {
        let mut body = order(&source, "app:1");
        body[field] = value;
        let reply = schedule(&stage, body).await;
        assert_eq!(
            (reply.status, reply.code()),
            (StatusCode::BAD_REQUEST, "BadRequest"),
            "{field}"
        );
        assert!(reply.message().contains(word), "{field}: {}", reply.message());
    }
    let task = json!({ "type": "TaskRunRequest", "taskId": format!("{REGISTRY}/tasks/nightly") });
    assert_eq!(schedule(&stage, task).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.get(&format!("{REGISTRY}/runs")).await.body, json!({ "value": [] }));
    assert_eq!(scheduled(&stage, order(&source, "stuck-log:1")).await, "cb1");
}

#[tokio::test]
async fn a_subscription_without_tasks_is_refused_by_name() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let refused = schedule(&stage, order(&source, "fail-quota:1")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.code(), "TasksOperationsNotAllowed");
}

#[tokio::test]
async fn errors_and_the_write_log_do_not_show_secret_arguments() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let mut body = order(&source, "stuck-log:1");
    body["arguments"] = json!([{ "name": "PASSWORD", "value": "canary-4711", "isSecret": true },
        { "name": "COLOUR", "value": "blue" }]);
    body["credentials"] = json!({ "customRegistries": { "other.example": {
        "userName": { "value": "u", "type": "Opaque" },
        "password": { "value": "canary-4711", "type": "Opaque" } } } });
    let reply = schedule(&stage, body.clone()).await;
    assert!(!reply.body.to_string().contains("canary-4711"));
    assert_eq!(reply.body["properties"]["customRegistries"], json!(["other.example"]));
    body["arguments"][0]["name"] = json!("A=B");
    let refused = schedule(&stage, body).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(!refused.body.to_string().contains("canary-4711"));
    let writes = stage.bare(Method::GET, "/emulator/writes").await.body.to_string();
    assert!(writes.contains("scheduleRun") && writes.contains("blue"));
    assert!(!writes.contains("canary-4711"), "{writes}");
    assert!(!writes.contains("listBuildSourceUploadUrl"), "it only reads");
}
