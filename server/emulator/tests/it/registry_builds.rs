//! Whole builds of the registry, with the process builder: from an upload to an image that can be pulled.

use emulator::{Builder, BuilderChoice};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Stage, config};
use crate::registry::{REGISTRY, archive, ended, log, order, scheduled, source, upload};
use crate::registry_images::token;

#[tokio::test]
async fn a_build_ends_with_an_image_under_each_of_its_tags() {
    let stage = Stage::start().await;
    stage.switch(Method::POST, "/emulator/registry/detach", json!({})).await;
    let source = upload(&stage, source()).await;
    let mut body = order(&source, "team/app:{{.Run.ID}}");
    body["imageNames"] = json!(["team/app:{{.Run.ID}}", "team/app:latest"]);
    body["target"] = json!("litserve");
    let id = scheduled(&stage, body).await;
    let run = ended(&stage, &id).await;
    let (text, word) = log(&stage, &id).await;
    assert_eq!(run["status"], "Succeeded", "{run}\n{text}");
    let images = run["outputImages"].as_array().expect("images");
    assert_eq!(images.len(), 2);
    assert_eq!((&images[0]["repository"], &images[0]["tag"]), (&json!("team/app"), &json!("cb1")));
    let digest = images[0]["digest"].as_str().expect("a digest");
    assert_eq!(images[1]["digest"], digest);

    assert!(text.contains(&format!("cb1: digest: {digest}")), "{text}");
    assert!(text.contains("Step ID: push marked as successful"), "{text}");
    assert!(
        text.trim_end()
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("Run ID: cb1 was successful after"))
    );
    assert_eq!(word.as_deref(), Some("successful"));

    let bearer = token(&stage, "repository:team/app:pull").await;
    for reference in ["cb1", "latest", digest] {
        let url = stage.url(&format!("/v2/team/app/manifests/{reference}"));
        let got = stage.http.get(url).bearer_auth(&bearer).send().await.expect("an answer");
        assert_eq!(got.status(), StatusCode::OK, "{reference}");
        assert_eq!(got.headers()["docker-content-digest"], digest);
    }
    let bearer = token(&stage, "repository:team/app:metadata_read").await;
    let url = stage.url("/acr/v1/team/app/_manifests");
    let got = stage.http.get(url).bearer_auth(&bearer).send().await.expect("an answer");
    let body: serde_json::Value = got.json().await.expect("JSON");
    let manifest = &body["manifests"][0];
    assert_eq!(
        (&manifest["digest"], &manifest["tags"]),
        (&json!(digest), &json!(["cb1", "latest"]))
    );
    assert!(manifest["imageSize"].as_u64().is_some_and(|size| size > 0), "{body}");
    let named = stage.get("").await.body["properties"]["containerRegistry"].clone();
    assert_eq!(named, REGISTRY, "the first image gives the workspace its registry");
    let filter = format!("contains(OutputImageManifests, 'team/app@{digest}')");
    let kept = stage.get(&format!("{REGISTRY}/runs?$filter={filter}")).await;
    assert_eq!(kept.body["value"][0]["name"], "cb1");
}

#[tokio::test]
async fn a_refused_push_leaves_no_tag() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let id = scheduled(&stage, order(&source, "fail-denied:1")).await;
    let run = ended(&stage, &id).await;
    let (text, word) = log(&stage, &id).await;
    assert_eq!(run["status"], "Failed", "{run}\n{text}");
    assert!(text.contains("denied: requested access to the resource is denied"), "{text}");
    assert!(text.contains("failed to run step ID: push"), "{text}");
    assert!(run["outputImages"].is_null());
    assert_eq!(word.as_deref(), Some("failed"));
    let bearer = token(&stage, "repository:fail-denied:pull").await;
    let url = stage.url("/v2/fail-denied/manifests/1");
    let got = stage.http.get(url).bearer_auth(&bearer).send().await.expect("an answer");
    assert_eq!(got.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_build_without_push_has_no_output_images() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let mut body = order(&source, "tried:1");
    body["isPushEnabled"] = json!(false);
    let id = scheduled(&stage, body).await;
    let run = ended(&stage, &id).await;
    assert_eq!(run["status"], "Succeeded", "{run}\n{}", log(&stage, &id).await.0);
    assert!(run["outputImages"].is_null());
}

#[tokio::test]
async fn a_target_that_does_not_exist_fails_the_build_and_the_log_names_it() {
    let stage = Stage::start().await;
    let source = upload(&stage, source()).await;
    let mut body = order(&source, "app:1");
    body["target"] = json!("deployment");
    let id = scheduled(&stage, body).await;
    let run = ended(&stage, &id).await;
    assert_eq!(run["status"], "Failed", "{run}");
    let (text, _) = log(&stage, &id).await;
    assert!(text.contains("deployment"), "{text}");
}

#[tokio::test]
async fn secret_arguments_are_masked_in_the_log() {
    let mut config = config(None);
    config.builder = BuilderChoice::Only(Builder::Process);
    let stage = Stage::start_with(config).await;
    // The builder quotes the instruction that it cannot carry out.
    let dockerfile = "FROM python:3\nARG PASSWORD\nRUN echo canary-4711\nCMD [\"python\"]\n";
    let source = upload(&stage, archive(&[("Dockerfile", dockerfile)])).await;
    let mut body = order(&source, "app:1");
    body["arguments"] = json!([{ "name": "PASSWORD", "value": "canary-4711", "isSecret": true }]);
    let id = scheduled(&stage, body).await;
    ended(&stage, &id).await;
    let (text, _) = log(&stage, &id).await;
    assert!(!text.contains("canary-4711"), "{text}");
    assert!(text.contains("***"), "{text}");
}
