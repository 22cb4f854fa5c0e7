//! What an alert rule may say.

use reqwest::StatusCode;
use serde_json::json;

use crate::webhook::{alerts, put_rule, reject, stage};

const QUERY: &str = "/criteria/allOf/0/query";

#[tokio::test]
async fn a_query_that_means_nothing_is_refused_in_the_words_of_the_query_api() {
    let stage = stage().await;
    for (query, part) in [
        ("AmlOnlineEndpointTrafficLog | where Nothing == 1", "SEM0100"),
        ("AmlOnlineEndpointTrafficLog |", "SYN0002"),
        ("AmlNothing", "Failed to resolve table"),
    ] {
        let refused = put_rule(&stage, "wrong", json!({ QUERY: query })).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BadRequest"));
        let inner: serde_json::Value =
            serde_json::from_str(refused.message()).expect("JSON as text");
        assert_eq!(inner["error"]["code"], "BadArgumentError", "{inner}");
        assert!(refused.message().contains(part), "{refused:?}");
    }
    let more = json!({
        "/criteria/allOf/0/timeAggregation": "Average", "/criteria/allOf/0/metricMeasureColumn": "UserAgent",
    });
    assert!(put_rule(&stage, "wrong", more).await.message().contains("not a number"));
    let dimension = json!([{ "name": "Colour", "operator": "Include", "values": ["*"] }]);
    let refused =
        put_rule(&stage, "wrong", json!({ "/criteria/allOf/0/dimensions": dimension })).await;
    assert!(refused.message().contains("no column 'Colour'"), "{refused:?}");
}

#[tokio::test]
async fn without_the_check_a_wrong_rule_fails_each_time_and_others_go_on() {
    let stage = stage().await;
    let more = json!({ "/skipQueryValidation": true, QUERY: "AmlNothing | where X == 1" });
    assert_eq!(put_rule(&stage, "wrong", more).await.status, StatusCode::CREATED);
    put_rule(&stage, "right", json!({})).await;
    reject(&stage, "watched", 2).await;
    stage.advance(600).await;
    let fired = alerts(&stage, "").await;
    assert_eq!((fired.len(), &fired[0]["name"]), (1, &json!("right")));
}

#[tokio::test]
async fn text_and_numbers_are_compared_as_in_microsofts_sample() {
    let stage = stage().await;
    let query =
        "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'watched'";
    assert!(put_rule(&stage, "sample", json!({ QUERY: query })).await.status.is_success());
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    assert_eq!(alerts(&stage, "").await.len(), 1);
}

#[tokio::test]
async fn muting_and_resolving_exclude_each_other() {
    let stage = stage().await;
    let refused = put_rule(&stage, "both", json!({ "/muteActionsDuration": "PT5M" })).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.message().contains("autoMitigate"), "{refused:?}");
}
