//! State survives a restart, even during an operation.

use emulator::Clock;
use serde_json::json;
use time::macros::datetime;

use crate::harness::{Stage, config, deployment, endpoint, in_time};

#[tokio::test]
async fn a_restart_restores_endpoints_keys_and_processes() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let stage = Stage::start_with(config(state.clone())).await;
    stage.endpoint("kept", &["blue"]).await;
    let body = endpoint(json!({ "blue": 100 }), json!({}));
    stage.done(&stage.put("onlineEndpoints/kept", body).await).await;
    let keys = stage.post("onlineEndpoints/kept/listKeys", json!({})).await.body;
    let secret = stage.emulator.client_secret().to_owned();
    stage.emulator.stop().await;

    let stage = Stage::start_with(config(state)).await;
    assert_eq!(stage.emulator.client_secret(), secret);
    assert_eq!(stage.post("onlineEndpoints/kept/listKeys", json!({})).await.body, keys);
    let key = keys["primaryKey"].as_str().expect("a key");
    // The process starts again in real time.
    let back = async {
        loop {
            let request = stage.http.post(stage.url("/endpoints/kept/score")).bearer_auth(key);
            let answer = request.body(dataplane::model::EXAMPLE_REQUEST).send().await;
            if answer.expect("an answer").status().is_success() {
                return;
            }
        }
    };
    in_time(back).await;
}

#[tokio::test]
async fn operations_continue_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let stage = Stage::start_with(config(state.clone())).await;
    stage.endpoint("midway", &[]).await;
    let made = stage.put("onlineEndpoints/midway/deployments/blue", deployment()).await;
    stage.advance(3).await;
    stage.emulator.stop().await;

    let mut config = config(state);
    config.clock = Clock::explicit(datetime!(2026-01-01 00:10 UTC));
    let stage = Stage::start_with(config).await;
    let old = made.header("azure-asyncoperation").to_owned();
    let path = &old[old.find("/subscriptions").expect("a path")..];
    let ended = async {
        loop {
            stage.advance(2).await;
            let request = stage.http.get(stage.url(path)).bearer_auth("x");
            let status: serde_json::Value =
                request.send().await.expect("an answer").json().await.expect("JSON");
            if status["status"] == "Succeeded" {
                return;
            }
        }
    };
    in_time(ended).await;
}
