//! Which rules are accepted, and when alerts resolve.

use serde_json::json;

use super::*;

fn properties(more: &Value) -> Value {
    let mut properties = json!({
        "severity": 1, "enabled": true, "scopes": ["/subscriptions/s"],
        "evaluationFrequency": "PT5M", "windowSize": "PT15M",
        "criteria": { "allOf": [{ "query": "T", "timeAggregation": "Count", "operator": "GreaterThan", "threshold": 10 }] },
    });
    for (path, value) in more.as_object().into_iter().flatten() {
        let (parent, name) = path.rsplit_once('/').expect("a path");
        properties.pointer_mut(parent).expect("a parent")[name] = value.clone();
    }
    properties
}

#[test]
fn invalid_rules_are_refused_with_the_broken_rule() {
    for (more, part) in [
        (json!({ "/evaluationFrequency": "PT7M" }), "evaluationFrequency"),
        (json!({ "/windowSize": "P3D" }), "windowSize"),
        (json!({ "/criteria/allOf": [] }), "exactly one condition"),
        (json!({ "/criteria/allOf/0/operator": "Near" }), "operator"),
        (json!({ "/criteria/allOf/0/threshold": "10" }), "threshold"),
        (json!({ "/criteria/allOf/0/timeAggregation": "Average" }), "metricMeasureColumn"),
        (
            json!({ "/criteria/allOf/0/failingPeriods": { "numberOfEvaluationPeriods": 7 } }),
            "1 to 6 periods",
        ),
        (
            json!({ "/criteria/allOf/0/failingPeriods":
                { "numberOfEvaluationPeriods": 2, "minFailingPeriodsToAlert": 3 } }),
            "at most all",
        ),
        (json!({ "/autoMitigate": true, "/muteActionsDuration": "PT1H" }), "autoMitigate"),
        (
            json!({ "/criteria/allOf/0/dimensions": [{ "name": "A", "operator": "Include", "values": [] }] }),
            "values",
        ),
    ] {
        let refused = Rule::read(&properties(&more)).expect_err(part);
        assert!(refused.contains(part), "{more}: {refused}");
    }
}

#[test]
fn an_alert_is_resolved_after_the_documented_time() {
    for (frequency, evaluations) in
        [("PT1M", 10), ("PT5M", 3), ("PT15M", 3), ("PT30M", 2), ("PT6H", 2), ("P1D", 1)]
    {
        let more = json!({ "/evaluationFrequency": frequency, "/windowSize": "P1D" });
        let rule = Rule::read(&properties(&more)).expect(frequency);
        assert_eq!(rule.healthy, evaluations, "{frequency}");
    }
    let own =
        json!({ "/resolveConfiguration": { "autoResolved": true, "timeToResolve": "PT12M" } });
    assert_eq!(Rule::read(&properties(&own)).expect("a rule").healthy, 3);
}

#[test]
fn rules_are_stateful_unless_they_mute_or_say_otherwise() {
    let is_stateful = |more| Rule::read(&properties(&more)).expect("a rule").is_stateful;
    assert!(is_stateful(json!({})));
    assert!(!is_stateful(json!({ "/autoMitigate": false })));
    assert!(!is_stateful(json!({ "/muteActionsDuration": "PT1H" })));
}
