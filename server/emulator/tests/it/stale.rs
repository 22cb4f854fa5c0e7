//! Stale reads for some seconds after an operation has Succeeded.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, deployment, endpoint};

const ENDPOINT: &str = "onlineEndpoints/ep-it";
const BLUE: &str = "onlineEndpoints/ep-it/deployments/blue";

async fn stale(stage: &Stage, settings: Value) {
    let reply = stage.switch(Method::PUT, "/emulator/stale-reads", settings).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
}

async fn live(stage: &Stage) -> Value {
    stage.get(ENDPOINT).await.body["properties"]["traffic"].clone()
}

/// The names in a list.
async fn listed(stage: &Stage, path: &str) -> Vec<String> {
    let body = stage.get(path).await.body;
    let items = body["value"].as_array().expect("a list").iter();
    items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

/// An endpoint with a deployment, without stale reads.
async fn settled() -> Stage {
    let stage = Stage::start().await;
    stage.endpoint("ep-it", &["blue"]).await;
    stage
}

#[tokio::test]
async fn a_stale_read_returns_the_former_route_for_the_given_time() {
    let stage = settled().await;
    stale(&stage, json!({ "endpoint_s": 10 })).await;
    let accepted = stage.put(ENDPOINT, endpoint(json!({ "blue": 100 }), json!({}))).await;
    stage.done(&accepted).await;
    assert_eq!(live(&stage).await, json!({}));
    assert_eq!(listed(&stage, "onlineEndpoints").await, ["ep-it"]);
    let list = stage.get("onlineEndpoints").await.body;
    assert_eq!(
        list["value"][0]["properties"]["traffic"],
        json!({ "blue": 100 }),
        "lists are apart"
    );
    stage.advance(11).await;
    assert_eq!(live(&stage).await, json!({ "blue": 100 }));
}

#[tokio::test]
async fn a_stale_read_misses_a_new_deployment() {
    let stage = settled().await;
    stale(&stage, json!({ "deployment_s": 10, "list_s": 20 })).await;
    let path = "onlineEndpoints/ep-it/deployments/green";
    stage.done(&stage.put(path, deployment()).await).await;
    assert_eq!(stage.get(path).await.status, StatusCode::NOT_FOUND);
    let list = "onlineEndpoints/ep-it/deployments";
    assert_eq!(listed(&stage, list).await, ["blue"]);
    stage.advance(11).await;
    assert_eq!(stage.get(path).await.status, StatusCode::OK);
    assert_eq!(listed(&stage, list).await, ["blue"], "lists lag behind items");
    stage.advance(11).await;
    assert_eq!(listed(&stage, list).await, ["blue", "green"]);
}

#[tokio::test]
async fn a_stale_read_shows_a_deleted_deployment() {
    let stage = settled().await;
    stale(&stage, json!({ "deployment_s": 10, "list_s": 10 })).await;
    stage.done(&stage.delete(BLUE).await).await;
    let still = stage.get(BLUE).await;
    assert_eq!(still.body["properties"]["provisioningState"], "Succeeded", "{still:?}");
    assert_eq!(listed(&stage, "onlineEndpoints/ep-it/deployments").await, ["blue"]);
    // Writes use the current state.
    assert_eq!(stage.delete(BLUE).await.status, StatusCode::NO_CONTENT);
    stage.advance(11).await;
    assert_eq!(stage.get(BLUE).await.status, StatusCode::NOT_FOUND);
}

/// The routes of this many reads, old (`false`) or new.
async fn flaps(seed: u64) -> Vec<bool> {
    let stage = settled().await;
    stale(&stage, json!({ "endpoint_s": 60, "flapping": true, "seed": seed })).await;
    let accepted = stage.put(ENDPOINT, endpoint(json!({ "blue": 100 }), json!({}))).await;
    stage.done(&accepted).await;
    let mut found = Vec::new();
    for _ in 0..12 {
        found.push(live(&stage).await == json!({ "blue": 100 }));
    }
    found
}

#[tokio::test]
async fn flapping_reads_alternate_by_the_seed() {
    let (one, again, two) = tokio::join!(flaps(7), flaps(7), flaps(8));
    assert_eq!(one, again);
    assert_ne!(one, two);
    assert!(!one[0] && one.contains(&true), "{one:?}");
}

#[tokio::test]
async fn staleness_ends_after_the_given_number_of_reads() {
    let stage = settled().await;
    stale(&stage, json!({ "endpoint_s": 60, "reads_max": 2 })).await;
    let accepted = stage.put(ENDPOINT, endpoint(json!({ "blue": 100 }), json!({}))).await;
    stage.done(&accepted).await;
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(live(&stage).await);
    }
    assert_eq!(found, [json!({}), json!({}), json!({ "blue": 100 })]);
    let told = stage.switch(Method::GET, "/emulator/stale-reads", Value::Null).await.body;
    assert_eq!(told["answered"], 2);
}

#[tokio::test]
async fn failed_operations_cause_no_stale_reads_and_invalid_settings_are_refused() {
    let stage = settled().await;
    stale(&stage, json!({ "deployment_s": 60 })).await;
    let path = "onlineEndpoints/ep-it/deployments/fail-image-pull";
    let ended = stage.ended(&stage.put(path, deployment()).await).await;
    assert_eq!(ended["status"], "Failed");
    assert_eq!(stage.get(path).await.body["properties"]["provisioningState"], "Failed");
    for wrong in [json!({ "endpoint_s": -1 }), json!({ "endpoint_s": 4_000 })] {
        let reply = stage.switch(Method::PUT, "/emulator/stale-reads", wrong).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
    }
}
