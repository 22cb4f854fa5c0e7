//! What watches an endpoint: its diagnostic settings and its alert rule, as the templates set them.

use super::diff;
use super::observed::{Live, Observed, Presence};
use app::domain::name::EndpointName;
use app::domain::plan::{Difference, Subject};
use app::domain::stage::EndpointKey;
use serde_json::{Map, Value, json};

/// Stands for the Log Analytics workspace until it is looked up.
pub const LOG_ANALYTICS: &str = "@log-analytics";
/// Stands for the action group until it is looked up.
pub const ACTION_GROUP: &str = "@action-group";
/// Stands for the region until it is looked up.
const LOCATION: &str = "@location";

/// The name of an endpoint's diagnostic settings.
#[must_use]
pub fn settings_name(endpoint: &EndpointName) -> String {
    format!("{endpoint}-logging")
}

/// The name of an endpoint's alert rule.
#[must_use]
pub fn alert_name(endpoint: &EndpointName) -> String {
    format!("{endpoint}-non-200-alert")
}

/// What in a body is still to be looked up; `None` when nothing is.
#[must_use]
pub fn open_in(body: &Value) -> Option<&'static str> {
    let text = body.to_string();
    [LOG_ANALYTICS, ACTION_GROUP, LOCATION].into_iter().find(|open| text.contains(open))
}

/// Whether what is live is as a body says.
#[must_use]
pub fn is_as_asked(subject: &Subject, live: &Value, body: &Value) -> bool {
    diff::compare(subject, &comparable(live, body), body).is_empty()
}

/// What a PUT would do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Put {
    /// What is there now, in words; empty when nobody looked.
    pub(super) now: &'static str,
    /// The fields that change, as far as they can be told.
    pub(super) differences: Vec<Difference>,
}

/// What putting a body would do; `None` when everything is as it says.
pub(super) fn put(subject: &Subject, found: &Presence, body: &Value) -> Option<Put> {
    match found {
        Presence::Unknown => Some(Put { now: "", differences: Vec::new() }),
        Presence::Absent => {
            let differences = diff::all_of(subject, body);
            Some(Put { now: "; there is none yet", differences })
        }
        Presence::Present(live) => {
            let mut differences = diff::compare(subject, &comparable(live, body), body);
            // An id that is still to be looked up may be the same or another one.
            let is_open = |found: &Difference| {
                let after = found.after.as_deref().unwrap_or_default();
                [LOG_ANALYTICS, ACTION_GROUP, LOCATION].iter().any(|open| after.contains(open))
            };
            if differences.is_empty() {
                return None;
            }
            differences.retain(|found| !is_open(found));
            Some(Put { now: "; what is there now differs", differences })
        }
    }
}

/// What is live, reduced to what a body says: Azure fills in much more than was sent.
fn comparable(live: &Value, body: &Value) -> Value {
    let mut all = Map::new();
    for (key, desired) in body.as_object().into_iter().flatten() {
        if let Some(live) = live.get(key) {
            // Tags are replaced as a whole: those that only Azure has would go.
            let is_whole = key == "tags";
            let value = if is_whole { live.clone() } else { reduced(live, desired) };
            all.insert(key.clone(), value);
        }
    }
    Value::Object(all)
}

fn reduced(live: &Value, desired: &Value) -> Value {
    match (live, desired) {
        (Value::Object(live), Value::Object(desired)) => {
            let within = |(key, desired): (&String, &Value)| {
                Some((key.clone(), reduced(live.get(key)?, desired)))
            };
            desired.iter().filter_map(within).collect()
        }
        (Value::Array(live), Value::Array(desired)) if live.len() == desired.len() => {
            let pairs = desired.iter().zip(live);
            pairs
                .map(|(desired, beside)| reduced(counterpart(live, desired, beside), desired))
                .collect()
        }
        _ => live.clone(),
    }
}

/// Azure keeps logs in an order of its own: each is known by its category.
fn counterpart<'a>(live: &'a [Value], desired: &Value, beside: &'a Value) -> &'a Value {
    let Some(category) = desired.get("category").and_then(Value::as_str) else { return beside };
    let is_it = |item: &&Value| {
        item.get("category")
            .and_then(Value::as_str)
            .is_some_and(|c| c.eq_ignore_ascii_case(category))
    };
    live.iter().find(is_it).unwrap_or(beside)
}

/// Name and body of the diagnostic settings.
pub(super) fn diagnostics(endpoint: &EndpointName, log: Option<&str>) -> (String, Value) {
    let category =
        |name: &str| json!({"category": format!("AmlOnlineEndpoint{name}Log"), "enabled": true});
    let body = json!({"properties": {
        "workspaceId": log.unwrap_or(LOG_ANALYTICS),
        "logs": [category("Console"), category("Traffic"), category("Event")],
    }});
    (settings_name(endpoint), body)
}

/// Name and body of the alert rule. Azure sets its scope at creation and never again.
pub(super) fn alert(
    at: &EndpointKey,
    observed: &Observed,
    live: Option<&Live>,
    repository: Option<&str>,
) -> (String, Value) {
    let endpoint = &at.endpoint;
    let team = live.and_then(|live| live.body.as_ref()?.pointer("/tags/team").cloned());
    let mut tags = json!({"environment": at.stage.as_str()});
    if let Some(team) = team {
        tags["team"] = team;
    }
    if let Some(repository) = repository {
        tags["repo"] = json!(repository);
    }
    let query = format!(
        "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == '{endpoint}'"
    );
    let body = json!({
        "location": observed.location.as_deref().unwrap_or(LOCATION),
        "tags": tags,
        "properties": {
            "displayName": alert_name(endpoint),
            "severity": 1, "enabled": true,
            "scopes": [observed.log_analytics.as_deref().unwrap_or(LOG_ANALYTICS)],
            "evaluationFrequency": "PT5M", "windowSize": "PT15M",
            "criteria": {"allOf": [{"query": query, "timeAggregation": "Count",
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
    use std::sync::Arc;

    const LOGS: &str = "/subscriptions/s/resourceGroups/g/providers/x/workspaces/log";

    fn found(body: Value) -> Presence {
        Presence::Present(Arc::new(body))
    }

    fn log(name: &str) -> Value {
        json!({"category": format!("AmlOnlineEndpoint{name}Log"), "categoryGroup": null,
            "enabled": true, "retentionPolicy": {"enabled": false, "days": 0}})
    }

    #[test]
    fn settings_as_azure_answers_them_are_as_wanted() {
        let endpoint = "anet-ep".parse().expect("a name");
        let (_, body) = diagnostics(&endpoint, Some(LOGS));
        let live = |logs: Vec<Value>, workspace: &str| {
            found(json!({"id": "i", "name": "anet-ep-logging", "tags": null, "properties": {
                "workspaceId": workspace, "storageAccountId": null, "metrics": [], "logs": logs}}))
        };
        let all = || vec![log("Traffic"), log("Event"), log("Console")];
        let of = |found: &Presence| put(&Subject::Diagnostics, found, &body);
        assert_eq!(
            of(&live(all(), &LOGS.to_uppercase().replace("SUBSCRIPTIONS", "subscriptions"))),
            None
        );
        let one = of(&live(vec![log("Traffic")], LOGS)).expect("a PUT");
        let fields: Vec<_> = one.differences.iter().map(|found| found.field.as_str()).collect();
        assert_eq!(fields, ["/properties/logs"]);
        assert!(one.now.contains("differs"));
        let none = of(&Presence::Absent).expect("a PUT");
        assert!(none.now.contains("none yet") && !none.differences.is_empty());
        let unknown = of(&Presence::Unknown).expect("a PUT");
        assert_eq!((unknown.now, unknown.differences.len()), ("", 0));
    }

    #[test]
    fn what_is_still_to_be_looked_up_is_put_and_not_told_as_a_difference() {
        let endpoint = "anet-ep".parse().expect("a name");
        let (_, body) = diagnostics(&endpoint, None);
        let logs = [log("Console"), log("Traffic"), log("Event")];
        let live = found(json!({"properties": {"workspaceId": LOGS, "logs": logs}}));
        let put = put(&Subject::Diagnostics, &live, &body).expect("a PUT");
        assert_eq!(put.differences, []);
    }
}
