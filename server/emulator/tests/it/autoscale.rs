//! Autoscale settings: what they may say, and what they do to a deployment's processes.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, WORKSPACE, in_time};
use crate::webhook::{Webhook, in_group};

fn target() -> String {
    format!("{WORKSPACE}/onlineEndpoints/scaled/deployments/blue")
}

fn rule(direction: &str, operator: &str, threshold: i64) -> Value {
    json!({
        "metricTrigger": {
            "metricName": "RequestsPerMinute", "metricResourceUri": target(), "timeGrain": "PT1M",
            "statistic": "Average", "timeWindow": "PT5M", "timeAggregation": "Average",
            "operator": operator, "threshold": threshold,
        },
        "scaleAction": { "direction": direction, "type": "ChangeCount", "value": "1", "cooldown": "PT5M" },
    })
}

fn setting(rules: Value) -> Value {
    let capacity = json!({ "minimum": "1", "maximum": "3", "default": "1" });
    json!({ "location": "westeurope", "tags": {}, "properties": {
        "enabled": true, "targetResourceUri": target(),
        "profiles": [{ "name": "default", "capacity": capacity, "rules": rules }],
    } })
}

const PATH: &str = "Microsoft.Insights/autoscaleSettings/scale-blue";

async fn stage() -> (Stage, String) {
    let stage = Stage::start().await;
    stage.watched("scaled", "blue").await;
    let key = stage.key("scaled").await;
    (stage, key)
}

async fn count(stage: &Stage) -> (i64, usize) {
    let deployment = stage.get(&target()).await.body;
    let processes = stage.bare(Method::GET, "/emulator/scoring/scaled").await.body;
    let processes = processes["blue"].as_array().expect("instances").len();
    (deployment["sku"]["capacity"].as_i64().expect("a number"), processes)
}

/// Advances the clock by minutes, and waits until the deployment is at rest.
async fn pass(stage: &Stage, minutes: u64) {
    stage.advance(minutes * 60).await;
    let at_rest = async {
        while stage.get(&target()).await.body["properties"]["provisioningState"] != "Succeeded" {
            stage.advance(1).await;
        }
    };
    in_time(at_rest).await;
}

#[tokio::test]
async fn processes_are_added_and_removed_within_the_limits_and_with_cool_down() {
    let (stage, key) = stage().await;
    let rules = json!([rule("Increase", "GreaterThan", 1), rule("Decrease", "LessThan", 1)]);
    let made = stage.put(&in_group(PATH), setting(rules)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    for _ in 0..30 {
        assert_eq!(stage.score("scaled", &key).await, StatusCode::OK);
    }
    pass(&stage, 1).await;
    assert_eq!(count(&stage).await, (2, 2), "30 requests in 5 minutes are more than 1 per minute");
    pass(&stage, 3).await;
    assert_eq!(count(&stage).await, (2, 2), "the rule cools down");
    pass(&stage, 2).await;
    assert_eq!(
        count(&stage).await,
        (1, 1),
        "the requests have left the window, and cool-down is over"
    );
    pass(&stage, 10).await;
    assert_eq!(count(&stage).await, (1, 1), "never below the minimum");
    let (subscription, _) = WORKSPACE.split_once("/resourceGroups/").expect("a subscription");
    let log = format!(
        "{subscription}/providers/Microsoft.Insights/eventtypes/management/values\
         ?$filter=eventTimestamp ge '2026-01-01T00:00:00Z' and resourceUri eq '{}'",
        target()
    );
    let events = stage.get(&log).await.body["value"].as_array().expect("a list").clone();
    let counts: Vec<_> =
        events.iter().map(|one| one["properties"]["NewInstancesCount"].clone()).collect();
    assert_eq!(counts, ["1", "2"], "newest first");
}

#[tokio::test]
async fn a_count_outside_the_limits_is_corrected_without_a_rule() {
    let (stage, _) = stage().await;
    let mut webhook = Webhook::start(&[]).await;
    let mut body = setting(json!([]));
    body["properties"]["profiles"][0]["capacity"] =
        json!({ "minimum": "2", "maximum": "3", "default": "2" });
    body["properties"]["notifications"] = json!([{ "operation": "Scale", "webhooks": [{ "serviceUri": webhook.url, "properties": { "team": "it" } }] }]);
    assert!(stage.put(&in_group(PATH), body).await.status.is_success());
    pass(&stage, 1).await;
    assert_eq!(count(&stage).await, (2, 2));
    let sent = webhook.next().await;
    assert_eq!(
        (&sent["operation"], &sent["context"]["newCapacity"]),
        (&json!("Scale Out"), &json!("2"))
    );
    assert_eq!(sent["properties"]["team"], "it");
}

#[tokio::test]
async fn scale_in_needs_all_rules_and_must_not_flap() {
    let (stage, key) = stage().await;
    let two = json!({ "sku": { "name": "Default", "capacity": 2 } });
    stage.done(&stage.arm(Method::PATCH, &target(), Some(two)).await).await;
    let per_instance = |mut rule: Value| {
        rule["metricTrigger"]["dividePerInstance"] = json!(true);
        rule
    };
    // 10 requests in 5 minutes are 1 per instance and minute; with one instance, they would be 2.
    let rules = json!([
        per_instance(rule("Increase", "GreaterThan", 1)),
        per_instance(rule("Decrease", "LessThanOrEqual", 1)),
    ]);
    stage.put(&in_group(PATH), setting(rules)).await;
    for _ in 0..10 {
        stage.score("scaled", &key).await;
    }
    pass(&stage, 4).await;
    assert_eq!(count(&stage).await.0, 2);
    let two_rules =
        json!([rule("Decrease", "LessThan", 1), rule("Decrease", "GreaterThan", 1_000)]);
    stage.put(&in_group(PATH), setting(two_rules)).await;
    pass(&stage, 10).await;
    assert_eq!(count(&stage).await.0, 2, "only one of the rules says so");
}

#[tokio::test]
async fn a_disabled_or_deleted_setting_scales_nothing() {
    let (stage, _) = stage().await;
    let mut body = setting(json!([]));
    body["properties"]["profiles"][0]["capacity"] =
        json!({ "minimum": "2", "maximum": "2", "default": "2" });
    body["properties"]["enabled"] = json!(false);
    stage.put(&in_group(PATH), body).await;
    pass(&stage, 2).await;
    assert_eq!(count(&stage).await.0, 1);
    let on = json!({ "properties": { "enabled": true } });
    let changed = stage.arm(Method::PATCH, &in_group(PATH), Some(on)).await;
    assert_eq!(changed.body["properties"]["enabled"], true, "{changed:?}");
    for status in [StatusCode::OK, StatusCode::NO_CONTENT] {
        assert_eq!(stage.delete(&in_group(PATH)).await.status, status);
    }
    pass(&stage, 2).await;
    assert_eq!(count(&stage).await.0, 1);
}

#[tokio::test]
async fn invalid_settings_are_refused_with_the_broken_rule() {
    let (stage, _) = stage().await;
    let changed = |pointer: &str, value: Value| {
        let mut body = setting(json!([rule("Increase", "GreaterThan", 1)]));
        *body.pointer_mut(pointer).expect("a pointer") = value;
        body
    };
    let trigger = "/properties/profiles/0/rules/0/metricTrigger";
    let action = "/properties/profiles/0/rules/0/scaleAction";
    let capacity = "/properties/profiles/0/capacity";
    for (pointer, value, part) in [
        ("/properties/targetResourceUri".to_owned(), json!(WORKSPACE), "targetResourceUri"),
        ("/properties/profiles".to_owned(), json!([]), "1 to 20 profiles"),
        (format!("{capacity}/minimum"), json!("4"), "minimum <= default <= maximum"),
        (format!("{capacity}/maximum"), json!("51"), "1 to 50"),
        (format!("{trigger}/metricName"), json!("Moon"), "does not exist"),
        (format!("{trigger}/timeGrain"), json!("PT10M"), "at least its timeGrain"),
        (format!("{trigger}/timeWindow"), json!("PT1M"), "PT5M to PT720M"),
        (format!("{trigger}/operator"), json!("Near"), "operator"),
        (format!("{action}/cooldown"), json!("PT0M"), "cooldown"),
        (format!("{action}/value"), json!("0"), "1 or more"),
        (format!("{action}/direction"), json!("Sideways"), "direction"),
    ] {
        let refused = stage.put(&in_group(PATH), changed(&pointer, value)).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::BAD_REQUEST, "BadRequest"),
            "{pointer}"
        );
        assert!(refused.message().contains(part), "{refused:?}");
    }
    stage.put(&in_group(PATH), setting(json!([]))).await;
    let second = in_group("Microsoft.Insights/autoscaleSettings/second");
    assert_eq!(stage.put(&second, setting(json!([]))).await.status, StatusCode::CONFLICT);
    assert_eq!(stage.get(&second).await.code(), "ResourceNotFound");
    let all = stage.get(&in_group("Microsoft.Insights/autoscaleSettings")).await.body;
    assert_eq!(all["value"].as_array().map(Vec::len), Some(1));
}
