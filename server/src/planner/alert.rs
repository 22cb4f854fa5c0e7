//! The alert rule of an endpoint. It equals the rule of the templates, except for a comparison in its query.

use super::kusto;
use super::observed::Observed;
use super::open::{ACTION_GROUP, LOCATION, LOG_ANALYTICS};
use domain::name::EndpointName;
use domain::stage::EndpointKey;
use serde_json::{Value, json};

/// The name of an endpoint's alert rule.
#[must_use]
pub fn alert_name(endpoint: &EndpointName) -> String {
    format!("{endpoint}-non-200-alert")
}

/// The field of a rule's criterion that holds its query.
pub(super) const QUERY: &str = "query";

/// The rule's query. The column holds numbers, and some versions of the log's tables reject a comparison of a number
/// with a string. A comparison of numbers works in all versions.
fn failures(endpoint: &str) -> String {
    format!(
        "AmlOnlineEndpointTrafficLog | where toint(ResponseCode) != 200 and EndpointName == '{endpoint}'"
    )
}

/// Turns the console's query into that of the templates.
fn failures_of_templates(query: &str) -> String {
    query.replace("toint(ResponseCode) != 200", "ResponseCode != '200'")
}

/// Whether a rule's query counts the same answers: the console's query in any spelling, or that of the templates.
pub(super) fn counts_the_same(live: &Value, desired: &Value) -> bool {
    let (Some(live), Some(desired)) = (live.as_str(), desired.as_str()) else { return false };
    kusto::is_same(live, desired) || kusto::is_same(live, &failures_of_templates(desired))
}

/// The name and body of the alert rule. Azure sets its scope only at creation. `team` is the team tag of the
/// endpoint's definition.
pub(super) fn alert(
    at: &EndpointKey,
    observed: &Observed,
    team: Option<&Value>,
    repository: Option<&str>,
) -> (String, Value) {
    let endpoint = &at.endpoint;
    let mut tags = json!({"environment": at.stage.as_str()});
    match team {
        Some(Value::String(team)) => tags["team"] = json!(team),
        // Tags are strings, but the YAML may have any type.
        Some(team) if !team.is_null() => tags["team"] = json!(team.to_string()),
        _ => {}
    }
    if let Some(repository) = repository {
        tags["repo"] = json!(repository);
    }
    let query = failures(endpoint.as_str());
    let body = json!({
        "location": observed.location.as_deref().unwrap_or(LOCATION),
        "tags": tags,
        "properties": {
            "displayName": alert_name(endpoint),
            "severity": 1, "enabled": true,
            "scopes": [observed.log_analytics.as_deref().unwrap_or(LOG_ANALYTICS)],
            "evaluationFrequency": "PT5M", "windowSize": "PT15M",
            "criteria": {"allOf": [{QUERY: query, "timeAggregation": "Count",
                "operator": "GreaterThan", "threshold": 10,
                "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}}]},
            "actions": {
                "actionGroups": [observed.action_group.as_deref().unwrap_or(ACTION_GROUP)],
                "customProperties": {"CustomKey1": endpoint.as_str()}
            }
        }
    });
    (alert_name(endpoint), body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planner::monitor::put;
    use crate::planner::observed::Presence;
    use domain::plan::Subject;
    use std::sync::Arc;

    fn rule(query: &str) -> (Presence, Value) {
        let at = EndpointKey {
            stage: "anet-dev".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("a name"),
        };
        let (_, body) = alert(&at, &Observed::default(), Some(&json!("data-science")), None);
        let mut live = body.clone();
        live["properties"]["criteria"]["allOf"][0][QUERY] = json!(query);
        (Presence::Present(Arc::new(live)), body)
    }

    #[test]
    fn a_rule_that_counts_the_same_is_no_drift() {
        for (query, same) in [
            (failures("anet-ep"), true),
            (failures("anet-ep").replace(" | ", "\n|"), true),
            (
                "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'anet-ep'"
                    .to_owned(),
                true,
            ),
            (
                "AmlOnlineEndpointTrafficLog|where ResponseCode != \"200\" and EndpointName == \"anet-ep\""
                    .to_owned(),
                true,
            ),
            (failures("anet-other"), false),
            (failures("anet-ep").replace("200", "500"), false),
            (String::new(), false),
        ] {
            let (live, body) = rule(&query);
            assert_eq!(put(&Subject::Alert, &live, &body, "").is_none(), same, "{query}");
        }
        assert!(failures("e").contains("toint(ResponseCode) != 200"));
    }

    #[test]
    fn the_team_tag_comes_from_the_definition_as_a_string() {
        let at = EndpointKey {
            stage: "anet-dev".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("a name"),
        };
        for (team, tag) in [
            (Some(json!("ds")), json!("ds")),
            (Some(json!(7)), json!("7")),
            (Some(Value::Null), Value::Null),
            (None, Value::Null),
        ] {
            let (_, body) = alert(&at, &Observed::default(), team.as_ref(), None);
            assert_eq!(body["tags"]["team"], tag);
        }
    }
}
