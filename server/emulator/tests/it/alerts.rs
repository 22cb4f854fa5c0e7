//! Alert rules are evaluated by the clock: they fire, stay quiet, and resolve.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Stage, config};
use crate::webhook::{Webhook, alerts, group, in_group, put_rule, reject, stage};

#[tokio::test]
async fn an_alert_fires_once_and_resolves_after_three_healthy_evaluations() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[]).await;
    group(&stage, &webhook.url).await;
    assert!(put_rule(&stage, "rejected", json!({})).await.status.is_success());
    reject(&stage, "watched", 2).await;
    stage.advance(299).await;
    assert_eq!(alerts(&stage, "").await.len(), 0, "the rule is not due yet");
    stage.advance(1).await;
    let fired = alerts(&stage, "").await;
    assert_eq!(fired.len(), 1);
    let essentials = &fired[0]["properties"]["essentials"];
    for (field, value) in [
        ("monitorCondition", "Fired"),
        ("alertState", "New"),
        ("severity", "Sev1"),
        ("signalType", "Log"),
        ("monitorService", "Log Alerts V2"),
        ("targetResourceName", "log-it-dev"),
        ("description", "Rejected keys"),
    ] {
        assert_eq!(essentials[field], value, "{field}");
    }
    let sent = webhook.next().await;
    assert_eq!(sent["schemaId"], "azureMonitorCommonAlertSchema");
    assert_eq!(sent["data"]["essentials"]["alertRule"], "rejected");
    assert_eq!(sent["data"]["essentials"]["monitorCondition"], "Fired");
    assert_eq!(sent["data"]["customProperties"]["CustomKey1"], "watched");
    let condition = &sent["data"]["alertContext"]["condition"]["allOf"][0];
    assert_eq!((&condition["metricValue"], &condition["threshold"]), (&json!(2.0), &json!("1")));
    let link = condition["linkToSearchResultsAPI"].as_str().expect("a link").to_owned();
    let answer = stage.http.get(link).bearer_auth("x").send().await.expect("an answer");
    let answer: serde_json::Value = answer.json().await.expect("JSON");
    assert_eq!(answer["tables"][0]["rows"].as_array().map(Vec::len), Some(2), "{answer}");
    // The window has 15 minutes: the condition still holds twice.
    stage.advance(600).await;
    assert_eq!(alerts(&stage, "").await.len(), 1);
    assert!(webhook.is_quiet(), "a stateful alert calls once");
    stage.advance(600).await;
    assert_eq!(alerts(&stage, "&monitorCondition=Fired").await.len(), 1, "healthy twice");
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "&monitorCondition=Resolved").await.len(), 1);
    let sent = webhook.next().await;
    assert_eq!(sent["data"]["essentials"]["monitorCondition"], "Resolved");
    assert!(sent["data"]["essentials"]["resolvedDateTime"].is_string());
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 2, "the next time is another alert");
}

#[tokio::test]
async fn a_big_step_of_the_clock_evaluates_each_time_that_was_due() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[]).await;
    group(&stage, &webhook.url).await;
    put_rule(&stage, "rejected", json!({})).await;
    reject(&stage, "watched", 2).await;
    stage.advance(3_600).await;
    let all = alerts(&stage, "").await;
    assert_eq!(all.len(), 1);
    let essentials = &all[0]["properties"]["essentials"];
    assert_eq!(essentials["startDateTime"], "2026-01-01T00:05:02Z");
    assert_eq!(essentials["monitorConditionResolvedDateTime"], "2026-01-01T00:30:02Z");
    let conditions = [webhook.next().await, webhook.next().await]
        .map(|sent| sent["data"]["essentials"]["monitorCondition"].clone());
    assert!(conditions.contains(&json!("Fired")) && conditions.contains(&json!("Resolved")));
}

#[tokio::test]
async fn dimensions_split_a_rule_and_can_leave_values_out() {
    let stage = stage().await;
    for name in ["second", "third"] {
        stage.endpoint(name, &[]).await;
        stage.send_logs(name).await;
    }
    let dimension = json!([{ "name": "EndpointName", "operator": "Exclude", "values": ["third"] }]);
    let made =
        put_rule(&stage, "split", json!({ "/criteria/allOf/0/dimensions": dimension })).await;
    assert!(made.status.is_success(), "{made:?}");
    for (name, times) in [("watched", 3), ("second", 1), ("third", 3)] {
        reject(&stage, name, times).await;
    }
    stage.advance(300).await;
    let fired = alerts(&stage, "&includeContext=true").await;
    assert_eq!(fired.len(), 1, "second has too few, and third is excluded: {fired:?}");
    let dimensions = &fired[0]["properties"]["context"]["condition"]["allOf"][0]["dimensions"];
    assert_eq!(*dimensions, json!([{ "name": "EndpointName", "value": "watched" }]));
    reject(&stage, "second", 3).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 2, "each combination has its own alert");
}

#[tokio::test]
async fn enough_of_the_periods_must_fail() {
    let stage = stage().await;
    let periods = json!({ "numberOfEvaluationPeriods": 3, "minFailingPeriodsToAlert": 2 });
    let more = json!({ "/windowSize": "PT5M", "/criteria/allOf/0/failingPeriods": periods });
    put_rule(&stage, "often", more).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 0, "one of three");
    stage.advance(300).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 1, "two of three");
}

#[tokio::test]
async fn values_of_a_column_are_aggregated() {
    let stage = stage().await;
    for (name, aggregation, operator, threshold) in [
        ("least", "Minimum", "LessThan", 402),
        ("mean", "Average", "Equals", 401),
        ("total", "Total", "GreaterThanOrEqual", 802),
        ("most", "Maximum", "GreaterThan", 401),
    ] {
        let more = json!({
            "/criteria/allOf/0/timeAggregation": aggregation, "/criteria/allOf/0/operator": operator,
            "/criteria/allOf/0/threshold": threshold, "/criteria/allOf/0/metricMeasureColumn": "ResponseCode",
        });
        let made = put_rule(&stage, name, more).await;
        assert!(made.status.is_success(), "{made:?}");
    }
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    let mut names: Vec<String> = alerts(&stage, "")
        .await
        .iter()
        .map(|alert| alert["name"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["least", "mean", "total"]);
}

#[tokio::test]
async fn a_count_of_nothing_can_fire_too() {
    let stage = stage().await;
    let more =
        json!({ "/criteria/allOf/0/operator": "LessThan", "/criteria/allOf/0/threshold": 1 });
    put_rule(&stage, "silent", more).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 1);
}

#[tokio::test]
async fn a_stateless_rule_fires_each_time_and_mutes_its_actions() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[]).await;
    group(&stage, &webhook.url).await;
    let more =
        json!({ "/autoMitigate": false, "/muteActionsDuration": "PT10M", "/windowSize": "PT30M" });
    put_rule(&stage, "muted", more).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    webhook.next().await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 2);
    stage.advance(300).await;
    webhook.next().await;
    assert!(webhook.is_quiet(), "the second alert called nobody");
    assert_eq!(
        alerts(&stage, "&monitorCondition=Fired").await.len(),
        3,
        "stateless alerts are never resolved"
    );
}

#[tokio::test]
async fn a_disabled_or_deleted_rule_is_not_evaluated() {
    let stage = stage().await;
    put_rule(&stage, "off", json!({ "/enabled": false })).await;
    put_rule(&stage, "gone", json!({})).await;
    let gone = in_group("Microsoft.Insights/scheduledQueryRules/gone");
    stage.delete(&gone).await;
    reject(&stage, "watched", 2).await;
    stage.advance(600).await;
    assert_eq!(alerts(&stage, "").await.len(), 0);
    let on = json!({ "properties": { "enabled": true } });
    let off = in_group("Microsoft.Insights/scheduledQueryRules/off");
    stage.arm(Method::PATCH, &off, Some(on)).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 1);
}

#[tokio::test]
async fn an_alert_of_an_earlier_start_is_resolved_by_the_next() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(config(Some(dir.path().to_owned()))).await;
    stage.switch(Method::PUT, "/emulator/logs", json!({ "delay_s": 0 })).await;
    stage.endpoint("watched", &[]).await;
    stage.send_logs("watched").await;
    put_rule(&stage, "rejected", json!({})).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "&monitorCondition=Fired").await.len(), 1);
    stage.emulator.stop().await;
    let mut later = config(Some(dir.path().to_owned()));
    later.clock = emulator::Clock::explicit(time::macros::datetime!(2026-01-01 02:00 UTC));
    let stage = Stage::start_with(later).await;
    stage.advance(900).await;
    assert_eq!(alerts(&stage, "&monitorCondition=Resolved").await.len(), 1);
}
