//! The state folder: one emulator at a time, and no change applies unless it was saved.

use std::path::Path;

use emulator::Emulator;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Reply, SUBSCRIPTION, Stage, config, endpoint};

/// The text of an error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Prevents the next write of the state, like a full disk. Permissions would not stop root.
fn block(folder: &Path) {
    std::fs::create_dir(folder.join("state.new")).expect("a folder in the way");
}

fn unblock(folder: &Path) {
    std::fs::remove_dir(folder.join("state.new")).expect("nothing in the way");
}

#[track_caller]
fn assert_unwritten(reply: &Reply) {
    let expected = (StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError");
    assert_eq!((reply.status, reply.code()), expected, "{reply:?}");
    assert!(reply.message().contains("cannot be written"), "{reply:?}");
}

#[tokio::test]
async fn two_emulators_do_not_share_a_state_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let first = Stage::start_with(config(state.clone())).await;
    let refused = Emulator::start(config(state.clone())).await.expect_err("the folder is held");
    let text = chain(&refused);
    assert!(text.contains("in use by another emulator") && text.contains("--state"), "{text}");
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    first.emulator.stop().await;
    Stage::start_with(config(state)).await;
}

#[tokio::test]
async fn images_stay_in_the_registry_when_the_emulator_starts_at_another_address() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let version = async |stage: &Stage, number: u32, image: &str| {
        let path = format!("environments/env/versions/{number}");
        let body = json!({ "properties": { "image": image, "osType": "Linux" } });
        let made = stage.put(&path, body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    };
    let host = |stage: &Stage| stage.emulator.url().authority().to_owned();
    let first = Stage::start_with(config(state.clone())).await;
    let before = host(&first);
    version(&first, 1, &format!("{before}/team/app:latest")).await;
    version(&first, 2, &format!("{before}0/team/app:latest")).await;
    first.emulator.stop().await;
    // The port must differ.
    let held = std::net::TcpListener::bind(&before);
    let second = Stage::start_with(config(state)).await;
    let now = host(&second);
    assert_ne!(now, before);
    drop(held);
    for (number, image) in
        [(1, format!("{now}/team/app:latest")), (2, format!("{before}0/team/app:latest"))]
    {
        let found = second.get(&format!("environments/env/versions/{number}")).await;
        assert_eq!(found.body["properties"]["image"], image, "{found:?}");
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_saved_is_refused_without_effect() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(dir.path().to_owned()))).await;
    let body = endpoint(json!({}), json!({}));
    block(dir.path());
    assert_unwritten(&stage.put("onlineEndpoints/lost", body.clone()).await);
    assert_eq!(stage.get("onlineEndpoints/lost").await.status, StatusCode::NOT_FOUND);
    let group = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-it/providers/Microsoft.Insights/\
         actionGroups/ag-lost"
    );
    let receivers = json!({ "location": "Global", "tags": {},
        "properties": { "groupShortName": "lost", "enabled": true } });
    assert_unwritten(&stage.put(&group, receivers).await);
    assert_eq!(stage.get(&group).await.status, StatusCode::NOT_FOUND);
    unblock(dir.path());
    stage.done(&stage.put("onlineEndpoints/lost", body).await).await;
}

#[tokio::test]
async fn an_operation_ends_when_its_end_can_be_saved() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(dir.path().to_owned()))).await;
    let made = stage.put("onlineEndpoints/slow", endpoint(json!({}), json!({}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    block(dir.path());
    stage.advance(60).await;
    assert_eq!(stage.status_of(&made).await["status"], "Updating");
    unblock(dir.path());
    stage.done(&made).await;
}

#[tokio::test]
async fn an_emulator_whose_state_cannot_be_written_does_not_start() {
    let dir = tempfile::tempdir().expect("a folder");
    block(dir.path());
    let state = Some(dir.path().to_owned());
    let refused = Emulator::start(config(state)).await.expect_err("nothing can be kept");
    assert!(chain(&refused).contains("cannot be written"), "{}", chain(&refused));
}

#[tokio::test]
async fn a_failed_delete_removes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(dir.path().to_owned()))).await;
    stage.endpoint("stays", &[]).await;
    block(dir.path());
    assert_unwritten(&stage.arm(Method::DELETE, "onlineEndpoints/stays", None).await);
    unblock(dir.path());
    let got = stage.get("onlineEndpoints/stays").await.body;
    assert_eq!(got["properties"]["provisioningState"], "Succeeded", "{got}");
}
