//! Live against desired, field by field. What Azure fills in or owns by itself is no difference.

use super::redact::{self, HIDDEN};
use crate::azure::wire::duration_ms;
use app::domain::plan::{Difference, Subject};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Deepest nesting that is compared field by field; below it, values are compared whole.
const DEPTH_MAX: usize = 12;

/// Fields that Azure owns: never sent, never a difference.
const OWNED: [&str; 13] = [
    "/id",
    "/name",
    "/type",
    "/kind",
    "/systemData",
    "/sku/tier",
    "/identity/principalId",
    "/identity/tenantId",
    "/properties/provisioningState",
    "/properties/scoringUri",
    "/properties/swaggerUri",
    "/properties/privateNetworkConnection",
    // createdBy, lastModifiedAt, AzureAsyncOperationUri and the like.
    "/properties/properties",
];
/// The route is set by its own step.
const ROUTE: [&str; 2] = ["/properties/traffic", "/properties/mirrorTraffic"];

/// What Azure fills in when a deployment's or endpoint's body leaves it out (azure-wire: recorded answers).
static DEFAULTS: LazyLock<Value> = LazyLock::new(|| {
    let probe = json!({"failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S",
        "period": "PT10S", "initialDelay": "PT10S"});
    json!({
        "sku": {"name": "Default", "capacity": 1},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "endpointComputeType": "Managed", "appInsightsEnabled": false, "description": "",
            "egressPublicNetworkAccess": "Enabled", "publicNetworkAccess": "Enabled", "authMode": "Key",
            "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {"maxQueueWait": "PT0S", "requestTimeout": "PT5S",
                "maxConcurrentRequestsPerInstance": 1},
            "livenessProbe": probe, "readinessProbe": probe
        }
    })
});

/// The differences between what is live and what is wanted.
#[must_use]
pub fn compare(subject: &Subject, live: &Value, desired: &Value) -> Vec<Difference> {
    let mut walk = Walk { subject, differences: Vec::new() };
    let mut at = String::with_capacity(64);
    walk.fields(&mut at, Some(live), Some(desired), Some(&DEFAULTS), 0);
    walk.differences
}

/// A body that is made anew, field by field.
#[must_use]
pub fn all_of(subject: &Subject, desired: &Value) -> Vec<Difference> {
    compare(subject, &Value::Null, desired)
}

struct Walk<'a> {
    subject: &'a Subject,
    differences: Vec<Difference>,
}

impl Walk<'_> {
    fn fields(
        &mut self,
        at: &mut String,
        live: Option<&Value>,
        desired: Option<&Value>,
        default: Option<&Value>,
        depth: usize,
    ) {
        if OWNED.contains(&at.as_str()) || ROUTE.contains(&at.as_str()) {
            return;
        }
        let (live_map, desired_map) = (object(live), object(desired));
        let is_branch = live_map.is_some() || desired_map.is_some();
        let fits = |value: Option<&Value>| value.is_none_or(|v| v.is_null() || v.is_object());
        if !is_branch || !fits(live) || !fits(desired) || depth >= DEPTH_MAX {
            self.leaf(at, live, desired, default);
            return;
        }
        let empty = Map::new();
        let (l, d) = (live_map.unwrap_or(&empty), desired_map.unwrap_or(&empty));
        let mut keys: Vec<&String> =
            l.keys().chain(d.keys().filter(|k| !l.contains_key(*k))).collect();
        keys.sort_unstable();
        for key in keys {
            let length = at.len();
            at.push('/');
            at.push_str(&key.replace('~', "~0").replace('/', "~1"));
            let default = default.and_then(|default| default.get(key));
            self.fields(at, l.get(key), d.get(key), default, depth + 1);
            at.truncate(length);
        }
    }

    fn leaf(
        &mut self,
        at: &str,
        live: Option<&Value>,
        desired: Option<&Value>,
        default: Option<&Value>,
    ) {
        let (live, desired) = (given(live), given(desired));
        let is_same = match (live, desired) {
            (None, None) => true,
            (Some(live), Some(desired)) => same(at, live, desired),
            // Left out of one side: Azure's default is as good.
            (Some(one), None) | (None, Some(one)) => {
                default.is_some_and(|default| same(at, one, default))
            }
        };
        if is_same {
            return;
        }
        let is_secret =
            [live, desired].into_iter().flatten().any(|value| redact::is_secret(at, value));
        let (before, after) = match (is_secret, live, desired) {
            (true, Some(_), Some(_)) => {
                (Some(HIDDEN.to_owned()), Some(format!("{HIDDEN}, another one")))
            }
            (true, live, desired) => {
                (live.map(|_| HIDDEN.to_owned()), desired.map(|_| HIDDEN.to_owned()))
            }
            (false, live, desired) => (live.map(shown), desired.map(shown)),
        };
        let subject = self.subject.clone();
        self.differences.push(Difference { subject, field: at.to_owned(), before, after });
    }
}

fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object).filter(|map| !map.is_empty())
}

/// `null`, an empty text and an empty map or list are nothing.
fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    })
}

/// Longest value shown, in characters.
const SHOWN_MAX: usize = 200;

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Whether two values mean the same to Azure at a field.
fn same(at: &str, a: &Value, b: &Value) -> bool {
    if a == b {
        return true;
    }
    let is_text_map =
        at.starts_with("/properties/environmentVariables/") || at.starts_with("/tags/");
    match (a, b) {
        (Value::String(a), Value::String(b)) if is_text_map => a == b,
        // Azure keeps variables and tags as texts, whatever was sent.
        (a, b) if is_text_map => shown(a) == shown(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => same_text(at, a, b),
        _ => false,
    }
}

/// Fields whose values Azure spells in its own case.
const CASELESS: [&str; 9] = [
    "/location",
    "/identity/type",
    "/properties/instanceType",
    "/properties/endpointComputeType",
    "/properties/authMode",
    "/properties/publicNetworkAccess",
    "/properties/egressPublicNetworkAccess",
    "/properties/scaleSettings/scaleType",
    "/properties/dataCollector/rollingRate",
];

fn same_text(at: &str, a: &str, b: &str) -> bool {
    let is_id = |text: &str| text.starts_with("/subscriptions/");
    let is_caseless =
        CASELESS.contains(&at) || at.ends_with("/dataCollectionMode") || (is_id(a) && is_id(b));
    if is_caseless {
        return a.eq_ignore_ascii_case(b);
    }
    let is_duration = a.starts_with('P') && b.starts_with('P');
    is_duration && duration_ms(a).is_some_and(|ms| Some(ms) == duration_ms(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(live: &Value, desired: &Value) -> Vec<(String, Option<String>, Option<String>)> {
        let all = compare(&Subject::Endpoint, live, desired);
        all.into_iter().map(|found| (found.field, found.before, found.after)).collect()
    }

    #[test]
    fn what_azure_fills_in_is_no_difference() {
        let desired = json!({"location": "westeurope", "tags": {}, "sku": {"name": "Default"},
            "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
                "environmentId": "/subscriptions/s/x/environments/e/versions/1",
                "environmentVariables": {"DEPTH": 3, "ON": true}, "properties": {},
                "requestSettings": {"requestTimeout": "PT1M30S"}}});
        let live = json!({"id": "i", "name": "n", "type": "t", "kind": "Managed", "location": "WestEurope",
            "systemData": {"createdBy": "x"}, "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
            "properties": {"provisioningState": "Succeeded", "endpointComputeType": "Managed",
                "instanceType": "standard_ds3_v2", "description": null, "model": null,
                "environmentId": "/subscriptions/S/x/environments/e/versions/1",
                "environmentVariables": {"DEPTH": "3", "ON": "true"}, "appInsightsEnabled": false,
                "egressPublicNetworkAccess": "Enabled", "scaleSettings": {"scaleType": "Default"},
                "requestSettings": {"maxQueueWait": "PT0S", "requestTimeout": "PT90S",
                    "maxConcurrentRequestsPerInstance": 1},
                "livenessProbe": {"failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S",
                    "period": "PT10S", "initialDelay": "PT10S"},
                "properties": {"AzureAsyncOperationUri": "u"}}});
        assert_eq!(fields(&live, &desired), []);
    }

    #[test]
    fn what_differs_is_named_by_its_pointer() {
        let live = json!({"tags": {"team": "a", "gone": "x"}, "sku": {"capacity": 3},
            "properties": {"requestSettings": {"requestTimeout": "PT30S"}}});
        let desired = json!({"tags": {"team": "b", "a/b": "new"}, "properties": {}});
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            fields(&live, &desired),
            [
                ("/properties/requestSettings/requestTimeout".to_owned(), some("PT30S"), None),
                ("/sku/capacity".to_owned(), some("3"), None),
                ("/tags/a~1b".to_owned(), None, some("new")),
                ("/tags/gone".to_owned(), some("x"), None),
                ("/tags/team".to_owned(), some("a"), some("b")),
            ]
        );
    }

    #[test]
    fn secrets_are_hidden_and_still_differ() {
        let of = |key: &str| json!({"properties": {"environmentVariables": {"API_KEY": key}}});
        let found = compare(&Subject::Endpoint, &of("alpha"), &of("beta"));
        let [difference] = found.as_slice() else { panic!("one difference") };
        assert!(difference.is_change());
        let said = format!("{difference:?}");
        assert!(!said.contains("alpha") && !said.contains("beta"), "{said}");
    }

    #[test]
    fn the_route_is_not_compared_here() {
        let live = json!({"properties": {"traffic": {"blue": 100}}});
        assert_eq!(fields(&live, &json!({"properties": {"traffic": {"green": 100}}})), []);
    }
}
