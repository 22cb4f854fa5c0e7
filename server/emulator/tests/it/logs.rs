//! What is recorded in Log Analytics, and when it can be read.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::Stage;

const ALL: &str = "AmlOnlineEndpointTrafficLog | project EndpointName, DeploymentName, ResponseCode, \
                   ModelStatusCode, Method, Path, UserAgent, AuthType, SourceSystem";

#[tokio::test]
async fn requests_are_recorded_if_a_setting_says_so_and_are_visible_after_the_delay() {
    let stage = Stage::start().await;
    stage.endpoint("quiet", &["blue"]).await;
    let key = stage.key("quiet").await;
    assert_eq!(stage.score("quiet", &key).await, StatusCode::NOT_FOUND, "it has no traffic");
    stage.watched("watched", "blue").await;
    let key = stage.key("watched").await;
    assert_eq!(stage.score("watched", &key).await, StatusCode::OK);
    assert_eq!(stage.score("watched", "wrong").await, StatusCode::UNAUTHORIZED);
    assert_eq!(stage.rows(ALL).await.len(), 0, "Azure takes its time, too");
    stage.advance(10).await;
    let mut rows = stage.rows(ALL).await;
    rows.sort_by_key(|row| row[2].as_i64());
    let about = json!(["POST", "/score", "it/1", "Key", "Azure"]);
    let row = |first: serde_json::Value| {
        [first, about.clone()]
            .iter()
            .flat_map(|part| part.as_array().expect("a part").clone())
            .collect()
    };
    let expected: [serde_json::Value; 2] =
        [row(json!(["watched", "blue", 200, 200])), row(json!(["watched", "", 401, null]))];
    assert_eq!(rows, expected);
    let ids = "AmlOnlineEndpointTrafficLog | where _ResourceId endswith 'onlineendpoints/watched' \
               | summarize dcount(XRequestId), max(TotalDurationMs)";
    assert_eq!(stage.rows(ids).await[0][0], 2);
}

#[tokio::test]
async fn console_lines_and_events_of_containers_are_recorded() {
    let stage = Stage::start().await;
    stage.watched("watched", "blue").await;
    let body = crate::harness::deployment();
    stage.done(&stage.put("onlineEndpoints/watched/deployments/fresh", body).await).await;
    stage.done(&stage.delete("onlineEndpoints/watched/deployments/fresh").await).await;
    stage.advance(10).await;
    let events = stage
        .rows("AmlOnlineEndpointEventLog | where DeploymentName == 'fresh' | distinct Name | sort by Name asc")
        .await;
    let names: Vec<&str> = events.iter().filter_map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["Created", "Killing", "Started"]);
    let lines = stage
        .rows(
            "AmlOnlineEndpointConsoleLog | where DeploymentName == 'fresh' \
               | where ContainerName == 'storage-initializer' | project Message",
        )
        .await;
    assert!(!lines.is_empty(), "the storage initializer writes");
}

#[tokio::test]
async fn logs_can_be_late_and_missing() {
    let stage = Stage::start().await;
    stage.watched("watched", "blue").await;
    let key = stage.key("watched").await;
    let set = |body| stage.switch(Method::PUT, "/emulator/logs", body);
    for wrong in [json!({ "delay_s": -1 }), json!({ "missing": ["AmlNothing"] })] {
        assert_eq!(set(wrong).await.status, StatusCode::BAD_REQUEST);
    }
    let late = json!({ "delay_s": 3600 });
    assert_eq!(set(late).await.status, StatusCode::NO_CONTENT);
    stage.score("watched", &key).await;
    stage.advance(3599).await;
    assert_eq!(stage.rows(ALL).await.len(), 0);
    stage.advance(1).await;
    assert_eq!(stage.rows(ALL).await.len(), 1);
    let missing = json!({ "delay_s": 0, "missing": ["AmlOnlineEndpointTrafficLog"] });
    assert_eq!(set(missing).await.status, StatusCode::NO_CONTENT);
    stage.score("watched", &key).await;
    assert_eq!(stage.rows(ALL).await.len(), 1, "the second one is lost");
    let told = stage.switch(Method::GET, "/emulator/logs", json!({})).await.body;
    assert_eq!((&told["lost"], &told["dropped"]), (&json!(1), &json!(0)));
    stage.switch(Method::DELETE, "/emulator/logs", json!({})).await;
    stage.score("watched", &key).await;
    stage.advance(10).await;
    assert_eq!(stage.rows(ALL).await.len(), 2);
}

#[tokio::test]
async fn without_its_setting_an_endpoint_sends_no_more_logs() {
    let stage = Stage::start().await;
    stage.watched("watched", "blue").await;
    let key = stage.key("watched").await;
    let setting =
        "onlineEndpoints/watched/providers/Microsoft.Insights/diagnosticSettings/watched-logging";
    assert_eq!(stage.delete(setting).await.status, StatusCode::OK);
    stage.score("watched", &key).await;
    stage.advance(10).await;
    assert_eq!(stage.rows(ALL).await.len(), 0);
}

#[tokio::test]
async fn logs_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let config = || crate::harness::config(Some(dir.path().to_owned()));
    let stage = Stage::start_with(config()).await;
    stage.watched("watched", "blue").await;
    let key = stage.key("watched").await;
    stage.score("watched", &key).await;
    stage.emulator.stop().await;
    let stage = Stage::start_with(config()).await;
    stage.advance(60).await;
    assert_eq!(stage.rows(ALL).await.len(), 1);
}
