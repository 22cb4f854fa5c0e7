//! Deployments that run images: a commit's code answers, and a changed line changes the answers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use dataplane::model::{EXAMPLE_REQUEST, Model, NBQ_1};
use images::{BuildRequest, Builder, Digest};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Reply, Stage, WORKSPACE, config, deployment, endpoint};

const REPOSITORY: &str = "ml-azua-litserve-env";

/// A server without packages, which needs no index.
const PLAIN: &str = r#"
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, text):
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.answer(200 if self.path == "/health" else 404, b"")
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.answer(200, json.dumps({"says": "one", "path": self.path}).encode())
    def log_message(self, *words):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

fn plain() -> TempDir {
    let context = tempfile::tempdir().expect("a folder");
    fs::write(context.path().join("server.py"), PLAIN).expect("a file");
    let dockerfile = "FROM python:3.12-slim AS serve\nWORKDIR /app\nCOPY server.py ./\nCMD [\"python\", \"/app/server.py\"]\n";
    fs::write(context.path().join("Dockerfile"), dockerfile).expect("a file");
    context
}

fn change(context: &TempDir, file: &str, from: &str, to: &str) {
    let path = context.path().join(file);
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains(from));
    fs::write(path, text.replace(from, to)).expect("a file");
}

async fn build(stage: &Stage, context: &TempDir, target: &str, tag: &str) -> Digest {
    let request = BuildRequest {
        context: context.path().to_owned(),
        dockerfile: "Dockerfile".to_owned(),
        target: Some(target.to_owned()),
        arguments: Vec::new(),
        images: [tag, "latest"].map(|tag| format!("{REPOSITORY}:{tag}")).to_vec(),
        timeout: Duration::from_secs(600),
    };
    let (_sender, cancel) = tokio::sync::watch::channel(false);
    let log = std::sync::Mutex::new(Vec::new());
    let sink = |bytes: &[u8]| log.lock().expect("a log").extend_from_slice(bytes);
    let images = stage.emulator.images();
    let built = images::build(images, Builder::Process, request, &sink, cancel).await;
    let log = String::from_utf8_lossy(&log.lock().expect("a log")).into_owned();
    built.unwrap_or_else(|failure| panic!("{failure}\n{log}"))
}

async fn register(stage: &Stage, version: u32, image: &str, paths: [&str; 3]) {
    let route = |path: &str| json!({ "port": 5001, "path": path });
    let properties = json!({
        "image": format!("cranet0001.azurecr.io/{REPOSITORY}{image}"), "osType": "Linux",
        "inferenceConfig": { "livenessRoute": route(paths[0]), "readinessRoute": route(paths[1]),
            "scoringRoute": route(paths[2]) },
    });
    let path = format!("environments/nbq/versions/{version}");
    let reply = stage.put(&path, json!({ "properties": properties })).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
}

async fn deploy(stage: &Stage, version: u32, capacity: u32) -> Reply {
    let mut body = deployment();
    body["sku"]["capacity"] = json!(capacity);
    body["properties"]["environmentId"] =
        json!(format!("{WORKSPACE}/environments/nbq/versions/{version}"));
    body["properties"]["environmentVariables"] =
        json!({ "BUILD_SHA": format!("commit-{version}") });
    stage.put("onlineEndpoints/images/deployments/blue", body).await
}

async fn open(stage: &Stage) {
    let body = endpoint(json!({}), json!({}));
    stage.done(&stage.put("onlineEndpoints/images", body).await).await;
}

async fn route(stage: &Stage) {
    let body = endpoint(json!({ "blue": 100 }), json!({}));
    stage.done(&stage.put("onlineEndpoints/images", body).await).await;
}

/// The answer, and the commit that it names.
async fn score(stage: &Stage) -> (Value, String) {
    let keys = stage.post("onlineEndpoints/images/listKeys", json!({})).await;
    let key = keys.body["primaryKey"].as_str().expect("a key").to_owned();
    let found = stage.get("onlineEndpoints/images").await;
    let uri = found.body["properties"]["scoringUri"].as_str().expect("a URI").to_owned();
    let request = stage.http.post(uri).bearer_auth(key).header("content-type", "application/json");
    let reply = Reply::read(request.body(EXAMPLE_REQUEST).send().await.expect("an answer")).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let commit = reply.header("x-model-commit").to_owned();
    (reply.body, commit)
}

#[tokio::test]
async fn a_changed_line_of_the_demo_changes_the_answers() {
    let stage = Stage::start().await;
    let demo = Path::new("src/github/demo/main");
    let context = tempfile::tempdir().expect("a folder");
    let copied = std::process::Command::new("cp")
        .arg("-R")
        .arg(demo.join("."))
        .arg(context.path())
        .status()
        .expect("cp");
    assert!(copied.success());
    fs::write(context.path().join("src/nbq/model.json"), NBQ_1).expect("a file");
    open(&stage).await;
    build(&stage, &context, "litserve", "one").await;
    register(&stage, 1, ":one", ["/", "/ready", "/score"]).await;
    stage.done(&deploy(&stage, 1, 1).await).await;
    route(&stage).await;
    let (answer, commit) = score(&stage).await;
    let model = Model::parse(NBQ_1).expect("a model");
    let expected = model.score(EXAMPLE_REQUEST.as_bytes()).expect("an answer");
    // Through text, because reading a number from JSON can change its last digit.
    let expected = serde_json::to_string(&expected).expect("JSON");
    assert_eq!(answer, serde_json::from_str::<Value>(&expected).expect("JSON"));
    assert_eq!(commit, "commit-1");

    change(&context, "src/nbq/model.py", "-ranked[\"information\"]", "ranked[\"information\"]");
    build(&stage, &context, "litserve", "two").await;
    register(&stage, 2, ":two", ["/", "/ready", "/score"]).await;
    assert_eq!(score(&stage).await.0, answer, "a build alone changes nothing");
    stage.done(&deploy(&stage, 2, 1).await).await;
    let (changed, commit) = score(&stage).await;
    assert_ne!(changed["ranking"], answer["ranking"]);
    assert_eq!((&changed["ability"], commit.as_str()), (&answer["ability"], "commit-2"));
    stage.emulator.stop().await;
}

#[tokio::test]
async fn a_moved_tag_counts_for_new_instances_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(folder.path().to_owned()))).await;
    let context = plain();
    open(&stage).await;
    build(&stage, &context, "serve", "one").await;
    register(&stage, 1, "", ["/health", "/health", "/v1/predict"]).await;
    stage.done(&deploy(&stage, 1, 1).await).await;
    route(&stage).await;
    let says = async |stage: &Stage| score(stage).await.0["says"].clone();
    assert_eq!(score(&stage).await.0, json!({ "says": "one", "path": "/v1/predict" }));
    change(&context, "server.py", "\"one\"", "\"two\"");
    build(&stage, &context, "serve", "two").await;
    assert_eq!(says(&stage).await, "one");
    stage.emulator.stop().await;

    let stage = Stage::start_with(config(Some(folder.path().to_owned()))).await;
    let is_back = async {
        while stage.emulator.images().tags(REPOSITORY).len() != 3 || !answers(&stage).await {
            tokio::task::yield_now().await;
        }
    };
    crate::harness::in_time(is_back).await;
    assert_eq!(says(&stage).await, "one", "a restart of the emulator is no pull");
    stage.done(&deploy(&stage, 1, 2).await).await;
    assert_eq!(says(&stage).await, "two", "new instances pull again");
    stage.emulator.stop().await;
}

async fn answers(stage: &Stage) -> bool {
    let path = "onlineEndpoints/images/deployments/blue/getLogs";
    let logs = stage.post(path, json!({ "tail": 100 })).await;
    logs.body["content"].as_str().is_some_and(|text| text.contains("is ready at"))
}

#[tokio::test]
async fn an_image_that_the_registry_does_not_have_cannot_be_pulled() {
    let stage = Stage::start().await;
    open(&stage).await;
    register(&stage, 1, ":missing", ["/health", "/health", "/score"]).await;
    stage.done(&deploy(&stage, 1, 1).await).await;
    route(&stage).await;
    assert_eq!(score(&stage).await.0["model"], "nbq", "the built-in server stands in");
    let digest = build(&stage, &plain(), "serve", "one").await;
    register(&stage, 2, ":missing", ["/health", "/health", "/v1"]).await;
    let failed = stage.ended(&deploy(&stage, 2, 1).await).await;
    assert_eq!(failed["status"], "Failed", "{failed}");
    let text = failed["error"]["message"].as_str().expect("a message");
    assert!(text.starts_with("Unable to download user container image"), "{text}");
    assert_eq!(score(&stage).await.0["model"], "nbq", "the former instances still run");
    register(&stage, 3, &format!("@{digest}"), ["/health", "/health", "/v1"]).await;
    stage.done(&deploy(&stage, 3, 1).await).await;
    assert_eq!(score(&stage).await.0["path"], "/v1");
    stage.emulator.images().remove(REPOSITORY, digest.as_str()).expect("a disk");
    let failed = stage.ended(&deploy(&stage, 3, 2).await).await;
    assert_eq!(failed["status"], "Failed", "a deleted image cannot be pulled again: {failed}");
    stage.emulator.stop().await;
}
