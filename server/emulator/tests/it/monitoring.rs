//! azure-wire.md §7.1 to §7.3 and §7.6: diagnostic settings, alert rules, action groups and what a
//! workspace brings along.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, WORKSPACE};

const SETTING: &str =
    "onlineEndpoints/watched/providers/Microsoft.Insights/diagnosticSettings/watched-logging";

fn group(rest: &str) -> String {
    let (group, _) = WORKSPACE.split_once("/providers/").expect("a resource group");
    format!("{group}/providers/{rest}")
}

fn setting(category: &str) -> Value {
    json!({ "properties": {
        "workspaceId": group("Microsoft.OperationalInsights/workspaces/log-it-dev"),
        "logs": [{ "category": category, "enabled": true }] } })
}

#[tokio::test]
async fn settings_are_there_once_they_are_put() {
    let stage = Stage::start().await;
    let missing = stage.get(SETTING).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "without an endpoint");
    stage.endpoint("watched", &[]).await;
    let missing = stage.get(SETTING).await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "ResourceNotFound"));
    let put = stage.put(SETTING, setting("AmlOnlineEndpointTrafficLog")).await;
    assert_eq!(put.status, StatusCode::OK, "also when it is new");
    let got =
        stage.get(&SETTING.to_uppercase().replace("ONLINEENDPOINTS", "onlineEndpoints")).await;
    assert_eq!(got.body["properties"], put.body["properties"], "whatever the case");
    let log = &got.body["properties"]["logs"][0];
    assert_eq!(log["category"], "AmlOnlineEndpointTrafficLog");
    assert_eq!(log["retentionPolicy"], json!({ "enabled": false, "days": 0 }));
    let list = SETTING.trim_end_matches("/watched-logging");
    assert_eq!(stage.get(list).await.body["value"].as_array().map(Vec::len), Some(1));
    for (body, part) in [
        (setting("AmlNothing"), "is not supported"),
        (json!({ "properties": { "logs": [] } }), "data sink"),
    ] {
        let refused = stage.put(SETTING, body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.message().contains(part), "{refused:?}");
    }
    for status in [StatusCode::OK, StatusCode::NO_CONTENT] {
        assert_eq!(stage.arm(Method::DELETE, SETTING, None).await.status, status);
    }
}

fn rule(scope: &str) -> Value {
    json!({ "location": "westeurope", "tags": {}, "properties": {
        "severity": 1, "enabled": true, "scopes": [scope],
        "evaluationFrequency": "PT5M", "windowSize": "PT15M",
        "criteria": { "allOf": [{ "query": "x", "timeAggregation": "Count",
            "operator": "GreaterThan", "threshold": 10 }] } } })
}

#[tokio::test]
async fn a_rule_keeps_its_scope_for_life() {
    let stage = Stage::start().await;
    let path = group("Microsoft.Insights/scheduledQueryRules/watched-alert");
    assert_eq!(stage.get(&path).await.code(), "ResourceNotFound");
    let made = stage.put(&path, rule("/subscriptions/s/x")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let again = stage.put(&path, rule("/Subscriptions/s/X")).await;
    assert_eq!(again.status, StatusCode::OK, "the same id in another case");
    let moved = stage.put(&path, rule("/subscriptions/s/y")).await;
    assert_eq!(moved.status, StatusCode::BAD_REQUEST);
    let mut wild = rule("/subscriptions/s/x");
    wild["properties"]["windowSize"] = json!("PT1M");
    assert_eq!(stage.put(&path, wild).await.status, StatusCode::BAD_REQUEST);
    let got = stage.get(&path).await.body;
    assert_eq!(got["properties"]["criteria"]["allOf"][0]["threshold"], 10);
    assert_eq!(got["properties"]["isLegacyLogAnalyticsRule"], false);
}

#[tokio::test]
async fn action_groups_have_short_names() {
    let stage = Stage::start().await;
    let path = group("Microsoft.Insights/actionGroups/ag-it");
    let body = |short: &str| {
        let properties = json!({ "groupShortName": short, "enabled": true });
        json!({ "location": "Global", "properties": properties })
    };
    assert_eq!(stage.get(&path).await.code(), "ResourceNotFound");
    let long = stage.put(&path, body("thirteen-long")).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
    assert_eq!(stage.put(&path, body("team")).await.status, StatusCode::CREATED);
    let got = stage.get(&path).await.body;
    assert_eq!(got["properties"]["emailReceivers"], json!([]));
}

#[tokio::test]
async fn the_way_from_a_workspace_to_its_logs_can_be_followed() {
    let stage = Stage::start().await;
    let workspace = stage.get(WORKSPACE).await.body;
    let insights = workspace["properties"]["applicationInsights"].as_str().expect("an id");
    let component = stage.get(insights).await.body;
    let logs = component["properties"]["WorkspaceResourceId"].as_str().expect("an id");
    let found = stage.get(logs).await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(found.body["properties"]["customerId"].is_string());
    assert_eq!(stage.get(&format!("{logs}x")).await.code(), "ResourceNotFound");
}
