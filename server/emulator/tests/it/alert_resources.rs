//! Fired alerts as resources.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::WORKSPACE;
use crate::webhook::{alerts, in_group, put_rule, reject, stage};

#[tokio::test]
async fn alerts_are_read_filtered_acknowledged_and_counted() {
    let stage = stage().await;
    put_rule(&stage, "rejected", json!({})).await;
    put_rule(&stage, "grave", json!({ "/severity": 0 })).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 2);
    let of = alerts(&stage, "&severity=Sev0").await;
    assert_eq!((of.len(), &of[0]["name"]), (1, &json!("grave")));
    assert_eq!(alerts(&stage, "&alertState=Closed").await.len(), 0);
    let rule = in_group("microsoft.insights/scheduledQueryRules/rejected");
    assert_eq!(alerts(&stage, &format!("&alertRule={rule}")).await.len(), 1);
    let id = of[0]["id"].as_str().expect("an id").to_owned();
    let one = stage.get(&id).await;
    assert_eq!(one.status, StatusCode::OK);
    assert_eq!(one.body["properties"]["context"]["conditionType"], "LogQueryCriteria");
    let body = json!({ "comments": "I look at it" });
    let changed = stage.post(&format!("{id}/changestate?newState=Acknowledged"), body).await;
    assert_eq!(
        changed.body["properties"]["essentials"]["alertState"], "Acknowledged",
        "{changed:?}"
    );
    let history =
        stage.get(&format!("{id}/history")).await.body["properties"]["modifications"].clone();
    let events: Vec<_> = history
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["modificationEvent"].clone())
        .collect();
    assert_eq!(events, ["AlertCreated", "StateChange"]);
    assert_eq!(
        (&history[1]["oldValue"], &history[1]["newValue"]),
        (&json!("New"), &json!("Acknowledged"))
    );
    assert_eq!(history[1]["comments"], "I look at it");
    let wrong = stage.post(&format!("{id}/changestate?newState=Gone"), json!({})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let (subscription, _) = WORKSPACE.split_once("/resourceGroups/").expect("a subscription");
    let summary = format!(
        "{subscription}/providers/Microsoft.AlertsManagement/alertsSummary?groupby=alertState,severity"
    );
    let summary = stage.get(&summary).await.body;
    assert_eq!(summary["properties"]["total"], 2);
    assert_eq!(
        summary["properties"]["values"][0],
        json!({ "name": "Acknowledged", "count": 1,
        "groupedby": "severity", "values": [{ "name": "Sev0", "count": 1 }] })
    );
}

#[tokio::test]
async fn a_scope_has_only_its_own_alerts() {
    let stage = stage().await;
    put_rule(&stage, "rejected", json!({})).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    let in_scope = |scope: &str| format!("{scope}/providers/Microsoft.AlertsManagement/alerts");
    let count = async |scope: &str| {
        stage.get(&in_scope(scope)).await.body["value"].as_array().expect("a list").len()
    };
    assert_eq!(count(&stage.log_workspace()).await, 1);
    assert_eq!(count(WORKSPACE).await, 0);
    let id = alerts(&stage, "").await[0]["id"].as_str().expect("an id").to_owned();
    let guid = id.rsplit('/').next().expect("a name");
    let elsewhere = stage.get(&format!("{}/{guid}", in_scope(WORKSPACE))).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    let other = "/subscriptions/33333333-3333-4333-8333-333333333333/providers/Microsoft.AlertsManagement/alerts";
    assert_eq!(stage.get(other).await.code(), "SubscriptionNotFound");
    assert_eq!(stage.arm(Method::DELETE, &id, None).await.status, StatusCode::NOT_FOUND);
}
