//! Compares live and desired bodies field by field. Ignores defaults that Azure fills in, and fields that Azure owns.

use crate::iso_duration;
use crate::redact::{self, HIDDEN};
use domain::plan::{Difference, Subject};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Maximum depth of the comparison by field. Deeper values are compared as a whole.
const DEPTH_MAX: usize = 12;

/// Fields that Azure owns. They are never sent, and never differ.
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
/// The prefix of assigned identities, by their ids.
const IDENTITIES: &str = "/identity/userAssignedIdentities/";
/// The fields of the route, which has its own step.
const ROUTE: [&str; 2] = ["/properties/traffic", "/properties/mirrorTraffic"];

/// Azure's defaults for fields that a body omits (azure-wire: recorded answers).
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

/// The differences between the live and the desired body.
#[must_use]
pub fn compare(subject: &Subject, live: &Value, desired: &Value) -> Vec<Difference> {
    let mut walk = Walk { subject, differences: Vec::new() };
    let mut at = String::with_capacity(64);
    walk.fields(&mut at, Some(live), Some(desired), Some(&DEFAULTS), 0);
    walk.differences
}

/// The differences of a body for a new resource.
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
        if at.starts_with(IDENTITIES) {
            return self.identity(at, live.is_some(), desired.is_some());
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

    /// Compares only whether an identity is assigned, because Azure adds details.
    fn identity(&mut self, at: &str, is_live: bool, is_desired: bool) {
        if is_live != is_desired {
            let side = |is_there: bool| is_there.then(|| "assigned".to_owned());
            self.push(at, side(is_live), side(is_desired));
        }
    }

    fn push(&mut self, at: &str, before: Option<String>, after: Option<String>) {
        let subject = self.subject.clone();
        self.differences.push(Difference { subject, field: at.to_owned(), before, after });
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
            // One side omits the field, so the other may equal Azure's default.
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
                (Some(HIDDEN.to_owned()), Some(format!("{HIDDEN}, value changed")))
            }
            (true, live, desired) => {
                (live.map(|_| HIDDEN.to_owned()), desired.map(|_| HIDDEN.to_owned()))
            }
            (false, live, desired) => (live.map(shown), desired.map(shown)),
        };
        // Long values are cut, and may differ after the cut.
        let after = if before == after {
            after.map(|after| format!("{after} (another one)"))
        } else {
            after
        };
        self.push(at, before, after);
    }
}

fn object(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object).filter(|map| !map.is_empty())
}

/// The value, unless it is `null`, or an empty string, map or list.
fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    })
}

/// Maximum length of a shown value, in characters: enough for the query of an alert rule.
const SHOWN_MAX: usize = 1_000;

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => {
            let (start, rest) = text.split_at(end);
            format!("{start}… ({} more characters)", rest.chars().count())
        }
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
        // Azure stores variables and tags as strings.
        (a, b) if is_text_map => shown(a) == shown(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => same_text(at, a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(at, a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let has = |(key, a): (&String, &Value)| b.get(key).is_some_and(|b| same(at, a, b));
            a.len() == b.len() && a.iter().all(has)
        }
        _ => false,
    }
}

/// Fields whose values Azure may return in a different case.
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
    is_duration
        && iso_duration::milliseconds(a).is_some_and(|ms| Some(ms) == iso_duration::milliseconds(b))
}
