//! The diagnostic settings of an endpoint as in the templates, and the changes that a PUT of these settings or of the
//! alert rule ([`super::alert`]) would make.

use super::alert::{QUERY, counts_the_same};
use super::diff;
use super::observed::Presence;
use super::open::{LOG_ANALYTICS, worded};
use domain::name::EndpointName;
use domain::plan::{Difference, Subject};
use serde_json::{Map, Value, json};

/// The name of an endpoint's diagnostic settings.
#[must_use]
pub fn settings_name(endpoint: &EndpointName) -> String {
    format!("{endpoint}-logging")
}

/// Whether the live resource has the state that a body requests.
#[must_use]
pub fn is_as_asked(subject: &Subject, live: &Value, body: &Value) -> bool {
    diff::compare(subject, &comparable(live, body), body).is_empty()
}

/// The effect of a PUT.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Put {
    /// The current state in words; empty when unknown.
    pub(super) now: &'static str,
    /// The fields that change, at least one.
    pub(super) differences: Vec<Difference>,
}

/// Replaces a value that could not be looked up.
const NOT_KNOWN: &str = "(not known)";

/// The effect of a PUT of `body`; `None` when it would change nothing. `sets` describes the body in words.
pub(super) fn put(subject: &Subject, found: &Presence, body: &Value, sets: &str) -> Option<Put> {
    match found {
        Presence::Unknown => {
            let whole = Difference {
                subject: subject.clone(),
                field: "/properties".to_owned(),
                before: Some(NOT_KNOWN.to_owned()),
                after: Some(sets.to_owned()),
            };
            Some(Put { now: "", differences: vec![whole] })
        }
        Presence::Absent => {
            let differences = diff::all_of(subject, &worded(body));
            Some(Put { now: "; not created yet", differences })
        }
        Presence::Present(live) => {
            let live = comparable(live, body);
            if diff::compare(subject, &live, body).is_empty() {
                return None;
            }
            // An unresolved id may be the same or a different one, so it counts as a difference.
            let differences = diff::compare(subject, &live, &worded(body));
            Some(Put { now: "; the current one differs", differences })
        }
    }
}

/// Reduces the live resource to the fields of a body, because Azure adds many fields.
fn comparable(live: &Value, body: &Value) -> Value {
    let mut all = Map::new();
    for (key, desired) in body.as_object().into_iter().flatten() {
        if let Some(live) = live.get(key) {
            // A PUT replaces all tags, so a tag that only Azure has would be lost.
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
                let live = live.get(key)?;
                let is_query = key == QUERY && counts_the_same(live, desired);
                let value = if is_query { desired.clone() } else { reduced(live, desired) };
                Some((key.clone(), value))
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

/// Matches logs by category, because Azure changes their order.
fn counterpart<'a>(live: &'a [Value], desired: &Value, beside: &'a Value) -> &'a Value {
    let Some(category) = desired.get("category").and_then(Value::as_str) else { return beside };
    let is_it = |item: &&Value| {
        item.get("category")
            .and_then(Value::as_str)
            .is_some_and(|c| c.eq_ignore_ascii_case(category))
    };
    live.iter().find(is_it).unwrap_or(beside)
}

/// The name and body of the diagnostic settings.
pub(super) fn diagnostics(endpoint: &EndpointName, log: Option<&str>) -> (String, Value) {
    let category =
        |name: &str| json!({"category": format!("AmlOnlineEndpoint{name}Log"), "enabled": true});
    let body = json!({"properties": {
        "workspaceId": log.unwrap_or(LOG_ANALYTICS),
        "logs": [category("Console"), category("Traffic"), category("Event")],
    }});
    (settings_name(endpoint), body)
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
    fn settings_as_azure_returns_them_need_no_put() {
        let endpoint = "anet-ep".parse().expect("a name");
        let (_, body) = diagnostics(&endpoint, Some(LOGS));
        let live = |logs: Vec<Value>, workspace: &str| {
            found(json!({"id": "i", "name": "anet-ep-logging", "tags": null, "properties": {
                "workspaceId": workspace, "storageAccountId": null, "metrics": [], "logs": logs}}))
        };
        let all = || vec![log("Traffic"), log("Event"), log("Console")];
        let of = |found: &Presence| put(&Subject::Diagnostics, found, &body, "logs");
        assert_eq!(
            of(&live(all(), &LOGS.to_uppercase().replace("SUBSCRIPTIONS", "subscriptions"))),
            None
        );
        let one = of(&live(vec![log("Traffic")], LOGS)).expect("a PUT");
        let fields: Vec<_> = one.differences.iter().map(|found| found.field.as_str()).collect();
        assert_eq!(fields, ["/properties/logs"]);
        assert!(one.now.contains("differs"));
        let none = of(&Presence::Absent).expect("a PUT");
        assert!(none.now.contains("not created yet") && !none.differences.is_empty());
        let unknown = of(&Presence::Unknown).expect("a PUT");
        let [whole] = unknown.differences.as_slice() else { panic!("{unknown:?}") };
        assert_eq!((unknown.now, whole.before.as_deref()), ("", Some("(not known)")));
    }

    #[test]
    fn an_unresolved_id_needs_a_put_and_is_shown_as_unresolved() {
        let endpoint = "anet-ep".parse().expect("a name");
        let (_, body) = diagnostics(&endpoint, None);
        let logs = [log("Console"), log("Traffic"), log("Event")];
        let live = found(json!({"properties": {"workspaceId": LOGS, "logs": logs}}));
        let put = put(&Subject::Diagnostics, &live, &body, "logs").expect("a PUT");
        let [row] = put.differences.as_slice() else { panic!("{put:?}") };
        assert_eq!(row.before.as_deref(), Some(LOGS));
        let after = row.after.as_deref().expect("words");
        assert_eq!(after, "(the id of the stage's Log Analytics workspace)");
    }
}
