//! Diagnostic settings, alert rules, action groups, and the resources linked to a workspace.

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
async fn settings_can_be_read_after_a_put() {
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
async fn the_scope_of_a_rule_cannot_change() {
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
async fn a_workspace_links_to_its_logs() {
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

/// azure-rest-api-specs, monitor: `ErrorResponse` of diagnostic settings (2021-05-01-preview) and action
/// groups (2023-01-01) has no `error`, and neither have recorded errors of metrics
/// (azure-sdk-for-net#29584). Alert rules' `ErrorContract` and ARM itself have it.
#[tokio::test]
async fn each_provider_has_its_own_error_format() {
    let stage = Stage::start().await;
    stage.endpoint("watched", &[]).await;
    let group_path = group("Microsoft.Insights/actionGroups/none");
    let rule_path = group("Microsoft.Insights/scheduledQueryRules/none");
    let categories = SETTING.replace("diagnosticSettings/", "diagnosticSettingsCategories/");
    for (path, is_flat) in [
        (SETTING, true),
        (categories.as_str(), true),
        ("onlineEndpoints/watched/providers/Microsoft.Insights/metrics?metricnames=Nothing", true),
        (group_path.as_str(), true),
        (rule_path.as_str(), false),
        ("onlineEndpoints/none/providers/Microsoft.Insights/diagnosticSettings/x", false),
        ("onlineEndpoints/none", false),
    ] {
        let refused = stage.get(path).await;
        assert!(refused.status.is_client_error(), "{path}: {refused:?}");
        let inside = if is_flat { &refused.body } else { &refused.body["error"] };
        assert!(inside["code"].is_string() && inside["message"].is_string(), "{path}: {refused:?}");
        assert_eq!(refused.body.get("error").is_none(), is_flat, "{path}: {refused:?}");
    }
    let without_sink = json!({ "properties": { "logs": [] } });
    let refused = stage.put(SETTING, without_sink).await;
    assert_eq!(refused.body["code"], "BadRequest", "{refused:?}");
    let refused = stage.put(&rule_path, json!({ "location": "westeurope" })).await;
    assert_eq!(refused.body["error"]["code"], "BadRequest", "{refused:?}");
}

#[tokio::test]
async fn a_category_can_be_read_by_name() {
    let stage = Stage::start().await;
    stage.endpoint("watched", &[]).await;
    let all = SETTING.replace("diagnosticSettings/watched-logging", "diagnosticSettingsCategories");
    let list = stage.get(&all).await.body;
    let listed = list["value"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), 4);
    for one in listed {
        let name = one["name"].as_str().expect("a name").to_lowercase();
        let got = stage.get(&format!("{all}/{name}")).await;
        assert_eq!((got.status, got.body), (StatusCode::OK, one), "{name}");
    }
    assert_eq!(stage.get(&format!("{all}/none")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn grain_and_retention_are_stored_unchanged() {
    let stage = Stage::start().await;
    stage.endpoint("watched", &[]).await;
    let mut body = setting("AmlOnlineEndpointTrafficLog");
    let kept = json!({ "enabled": true, "days": 30 });
    body["properties"]["logs"][0]["retentionPolicy"] = kept.clone();
    body["properties"]["metrics"] =
        json!([{ "category": "AllMetrics", "enabled": true, "timeGrain": "PT1M" }]);
    let put = stage.put(SETTING, body.clone()).await;
    assert_eq!(put.status, StatusCode::OK, "{put:?}");
    let properties = stage.get(SETTING).await.body["properties"].clone();
    assert_eq!(properties["logs"][0]["retentionPolicy"], kept);
    assert_eq!(properties["metrics"][0]["timeGrain"], "PT1M");
    assert_eq!(properties["metrics"][0]["retentionPolicy"], json!({ "enabled": false, "days": 0 }));
    for (at, wrong) in [
        ("/properties/logs/0/retentionPolicy", json!({ "enabled": true })),
        ("/properties/logs/0/retentionPolicy", json!({ "enabled": true, "days": -1 })),
        ("/properties/logs/0/enabled", Value::Null),
        ("/properties/metrics/0/timeGrain", json!("often")),
    ] {
        let mut body = body.clone();
        *body.pointer_mut(at).expect("a field") = wrong;
        assert_eq!(stage.put(SETTING, body).await.status, StatusCode::BAD_REQUEST, "{at}");
    }
}

#[tokio::test]
async fn rules_and_groups_are_listed_by_subscription_and_patched() {
    let stage = Stage::start().await;
    let path = group("Microsoft.Insights/scheduledQueryRules/watched-alert");
    let patch = async |path: &str, body: Value| stage.arm(Method::PATCH, path, Some(body)).await;
    assert_eq!(patch(&path, json!({})).await.status, StatusCode::NOT_FOUND);
    let mut body = rule("/subscriptions/s/x");
    body["tags"] = json!({ "team": "it", "priority": 1 });
    body["properties"]["actions"] = json!({ "customProperties": { "n": 1 } });
    assert_eq!(stage.put(&path, body).await.status, StatusCode::CREATED);
    let off = patch(&path, json!({ "properties": { "enabled": false } })).await;
    assert_eq!((off.status, &off.body["properties"]["enabled"]), (StatusCode::OK, &json!(false)));
    let got = stage.get(&path).await.body;
    assert_eq!(got["properties"]["severity"], 1, "the rest stays: {got}");
    assert_eq!(got["tags"], json!({ "team": "it", "priority": "1" }));
    assert_eq!(got["properties"]["actions"]["customProperties"]["n"], "1");
    for wrong in [
        json!({ "location": "northeurope" }),
        json!({ "properties": { "severity": 9 } }),
        json!({ "properties": { "scopes": ["/subscriptions/s/y"] } }),
        json!({ "tags": { "team": ["it"] } }),
    ] {
        let refused = patch(&path, wrong.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let people = group("Microsoft.Insights/actionGroups/ag-it");
    let properties = json!({ "groupShortName": "team", "enabled": true });
    stage.put(&people, json!({ "location": "Global", "properties": properties })).await;
    let off = patch(&people, json!({ "tags": { "a": "b" }, "properties": { "enabled": false } }));
    let off = off.await.body;
    assert_eq!((&off["properties"]["enabled"], &off["tags"]["a"]), (&json!(false), &json!("b")));
    let renamed = patch(&people, json!({ "properties": { "groupShortName": "x" } })).await;
    assert_eq!(renamed.status, StatusCode::BAD_REQUEST, "PUT does that");
    let subscription = WORKSPACE.split("/resourceGroups").next().expect("a subscription");
    for (kind, name) in [("scheduledQueryRules", "watched-alert"), ("actionGroups", "ag-it")] {
        for scope in [subscription.to_owned(), group("").replace("/providers/", "")] {
            let listed = stage.get(&format!("{scope}/providers/Microsoft.Insights/{kind}")).await;
            let listed = listed.body["value"].clone();
            assert!(listed.to_string().contains(name), "{scope} {kind}: {listed}");
        }
    }
}
