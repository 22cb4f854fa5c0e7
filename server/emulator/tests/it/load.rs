//! A load testing resource for tests: its data plane, uploads, and a server to test.

use std::net::SocketAddr;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{get, post};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, in_time};

pub const ARM: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers/Microsoft.LoadTestService/loadTests";

/// The path of the resource's data plane.
pub async fn plane(stage: &Stage) -> String {
    let resource = stage.get(&format!("{ARM}/ltitdev")).await.body;
    let uri = resource["properties"]["dataPlaneURI"].as_str().expect("an address").to_owned();
    uri[uri.find('/').expect("a path")..].to_owned()
}

pub async fn patch(stage: &Stage, path: &str, body: Value) -> Reply {
    stage.arm(Method::PATCH, path, Some(body)).await
}

pub async fn upload(stage: &Stage, path: &str, kind: &str, bytes: impl Into<Vec<u8>>) -> Reply {
    let url = stage.url(&format!("{path}?api-version=2025-11-01-preview&fileType={kind}"));
    let request = stage.http.put(url).bearer_auth("made-up").body(bytes.into());
    Reply::read(request.send().await.expect("an answer")).await
}

/// Advances the clock until a file's validation has ended.
pub async fn validated(stage: &Stage, path: &str) -> Value {
    let ended = async {
        loop {
            stage.advance(1).await;
            let file = stage.get(path).await.body;
            if file["validationStatus"] != "VALIDATION_INITIATED" {
                return file;
            }
        }
    };
    in_time(ended).await
}

/// Advances the clock until a run has one of these statuses.
pub async fn until(stage: &Stage, run: &str, wanted: &[&str]) -> Value {
    let reached = async {
        loop {
            let body = stage.get(run).await.body;
            if wanted.contains(&body["status"].as_str().expect("a status")) {
                return body;
            }
            stage.advance(1).await;
        }
    };
    in_time(reached).await
}

pub async fn ended(stage: &Stage, run: &str) -> Value {
    until(stage, run, &["DONE", "FAILED", "CANCELLED"]).await
}

/// A server with `/ok`, `/fail`, and `/key`, which wants `Bearer hunter2-key`.
pub async fn server() -> SocketAddr {
    let key = |headers: HeaderMap| async move {
        match headers.get("authorization").is_some_and(|value| value == "Bearer hunter2-key") {
            true => StatusCode::OK,
            false => StatusCode::UNAUTHORIZED,
        }
    };
    let router = Router::new()
        .route("/ok", get(|| async { "fine" }))
        .route("/fail", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/key", post(key));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A quick test of `path` for some seconds.
pub async fn quick(stage: &Stage, plane: &str, id: &str, url: String, seconds: u32) {
    let body = json!({
        "displayName": "Quick test", "loadTestConfiguration": { "engineInstances": 1, "quickStartTest": true,
            "optionalLoadTestConfig": { "endpointUrl": url, "virtualUsers": 2, "rampUpTime": 0, "duration": seconds } },
    });
    let made = patch(stage, &format!("{plane}/tests/{id}"), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
}

/// Starts a run, and returns its path.
pub async fn start(stage: &Stage, plane: &str, id: &str, test: &str) -> String {
    let path = format!("{plane}/test-runs/{id}");
    let made = patch(stage, &path, json!({ "testId": test, "displayName": "A run" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(made.body["status"], "ACCEPTED");
    path
}

/// The contents of a zip archive whose URL needs no token.
pub async fn archive(stage: &Stage, file: &Value) -> Vec<(String, String)> {
    let url = file["url"].as_str().expect("a URL");
    let answer = stage.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await.expect("a body");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut all = Vec::new();
    for at in 0..zip.len() {
        let entry = zip.by_index(at).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        all.push((name, std::io::read_to_string(entry).expect("text")));
    }
    all
}
