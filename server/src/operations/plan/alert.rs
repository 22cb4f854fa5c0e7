//! The alert rule of an endpoint, as the templates make it but for the kind of comparison in its query.

use super::kusto;
use super::observed::{Observed, Presence};
use super::open::{ACTION_GROUP, LOCATION, LOG_ANALYTICS};
use app::domain::name::EndpointName;
use app::domain::stage::EndpointKey;
use serde_json::{Value, json};

/// The name of an endpoint's alert rule.
#[must_use]
pub fn alert_name(endpoint: &EndpointName) -> String {
    format!("{endpoint}-non-200-alert")
}

/// The field of a rule's criterion that holds its query.
pub(super) const QUERY: &str = "query";

/// The rule's query. The column holds numbers, and a number compared with a text is an error to some versions
/// of the log's tables: so it is compared as a number, which is right for both.
fn failures(endpoint: &str) -> String {
    format!(
        "AmlOnlineEndpointTrafficLog | where toint(ResponseCode) != 200 and EndpointName == '{endpoint}'"
    )
}

/// The query as the templates write it.
fn failures_of_templates(query: &str) -> String {
    query.replace("toint(ResponseCode) != 200", "ResponseCode != '200'")
}

/// Whether a rule's query counts what ours counts: ours in any spelling, or the templates'.
pub(super) fn counts_the_same(live: &Value, desired: &Value) -> bool {
    let (Some(live), Some(desired)) = (live.as_str(), desired.as_str()) else { return false };
    kusto::is_same(live, desired) || kusto::is_same(live, &failures_of_templates(desired))
}

/// Whether a rule is there whose query is the templates' and not ours, so that it is left as it is.
pub(super) fn is_of_templates(found: &Presence, body: &Value) -> bool {
    let at = "/properties/criteria/allOf/0/query";
    let (Presence::Present(live), Some(desired)) =
        (found, body.pointer(at).and_then(Value::as_str))
    else {
        return false;
    };
    live.pointer(at).and_then(Value::as_str).is_some_and(|live| {
        !kusto::is_same(live, desired) && kusto::is_same(live, &failures_of_templates(desired))
    })
}

/// Name and body of the alert rule. Azure sets its scope at creation and never again. `team` is whom the
/// endpoint's definition names.
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
        // Tags are texts, whatever the YAML holds.
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
    use crate::operations::plan::monitor::put;
    use app::domain::plan::Subject;
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
        for (query, same, of_templates) in [
            (failures("anet-ep"), true, false),
            (failures("anet-ep").replace(" | ", "\n|"), true, false),
            (
                "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'anet-ep'"
                    .to_owned(),
                true,
                true,
            ),
            (
                "AmlOnlineEndpointTrafficLog|where ResponseCode != \"200\" and EndpointName == \"anet-ep\""
                    .to_owned(),
                true,
                true,
            ),
            (failures("anet-other"), false, false),
            (failures("anet-ep").replace("200", "500"), false, false),
            (String::new(), false, false),
        ] {
            let (live, body) = rule(&query);
            assert_eq!(put(&Subject::Alert, &live, &body, "").is_none(), same, "{query}");
            assert_eq!(is_of_templates(&live, &body), of_templates, "{query}");
        }
        assert!(failures("e").contains("toint(ResponseCode) != 200"));
    }

    #[test]
    fn the_team_is_the_one_of_the_definition_and_a_text() {
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
