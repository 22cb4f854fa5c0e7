//! Alert rules over logs, and the action groups that they notify (shapes after azure-rest-api-specs,
//! monitor, `2023-12-01/examples/getScheduledQueryRule.json` and
//! `2023-01-01/examples/getActionGroup.json`). [`super::watch`] evaluates the rules.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::kept::{self, Resource, bad};
use super::rule::Rule;
use super::{notifications, watch};
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::protocol::paging;
use crate::state::Object;
use crate::when;

/// The longest short name of an action group.
const SHORT_NAME_CHARS_MAX: usize = 12;

/// Kinds of alert rules; the first is the default.
const KINDS: [&str; 2] = ["LogAlert", "LogToMetric"];

/// Kinds of receivers.
const RECEIVERS: &str = "email sms webhook itsm azureAppPush automationRunbook voice logicApp azureFunction \
                         armRole eventHub";

const RULE: &str = "microsoft.insights/scheduledQueryRules";
const GROUP: &str = "Microsoft.Insights/actionGroups";

/// `{RG}/providers/Microsoft.Insights/{scheduledQueryRules or actionGroups}[/{name}]`
pub fn route(inner: &Arc<Inner>, call: &Call, rest: &[&str]) -> Answered {
    let kind = kind_of(rest);
    let answered = match rest {
        [_] => list(inner, call, kind),
        [_, _] => one(inner, call, kind),
        [_, _, "createnotifications"] if kind == GROUP => {
            notifications::create(inner, call, &Resource::at(call, &inner.group_id(), kind))
        }
        [_, _, "notificationstatus", _] if kind == GROUP => {
            notifications::status(inner, call, &Resource::at(call, &inner.group_id(), kind))
        }
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    };
    answered.map_err(|error| in_words_of(kind, error))
}

/// `{SUB}/providers/Microsoft.Insights/{scheduledQueryRules or actionGroups}`: there is only one resource
/// group.
pub fn in_subscription(inner: &Inner, call: &Call, rest: &[&str]) -> Answered {
    let kind = kind_of(rest);
    list(inner, call, kind).map_err(|error| in_words_of(kind, error))
}

fn kind_of(rest: &[&str]) -> &'static str {
    if rest.first() == Some(&"actiongroups") { GROUP } else { RULE }
}

/// Action groups leave out `error`, alert rules do not.
fn in_words_of(kind: &str, error: ArmError) -> ArmError {
    if kind == GROUP { error.flat() } else { error }
}

fn list(inner: &Inner, call: &Call, kind: &str) -> Answered {
    call.only(&Method::GET, "GET")?;
    let collection = kind.rsplit('/').next().unwrap_or_default();
    let all = kept::list(inner, &inner.group_id(), collection);
    match kind {
        // The specification has no pages for them, so clients send one request.
        GROUP => Ok(Answer::ok(json!({ "value": all }))),
        _ => paging::page(call, all),
    }
}

fn one(inner: &Arc<Inner>, call: &Call, kind: &'static str) -> Answered {
    let one = Resource::at(call, &inner.group_id(), kind);
    let answered = stored(inner, call, &one)?;
    if kind == RULE && call.method != Method::GET {
        watch::update(inner, &one.id.to_lowercase());
    }
    Ok(answered)
}

fn stored(inner: &Inner, call: &Call, one: &Resource) -> Answered {
    let kind = one.kind;
    match call.method {
        Method::GET => one.get(inner),
        Method::DELETE => one.delete(inner),
        Method::PUT => {
            one.check_name()?;
            let body = made(inner, call, one, &call.object()?)?;
            let is_new = one.put(inner, &body)?;
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok(Answer::json(status, body))
        }
        Method::PATCH => {
            let present = one.present(inner)?;
            let given = patched(kind, present, &call.object()?)?;
            let body = made(inner, call, one, &given)?;
            one.put(inner, &body)?;
            Ok(Answer::ok(body))
        }
        _ => Err(ArmError::method("GET, PUT, PATCH, DELETE")),
    }
}

fn made(inner: &Inner, call: &Call, one: &Resource, given: &Value) -> Result<Value, ArmError> {
    if one.kind == GROUP { action_group(one, given) } else { rule(inner, call, one, given) }
}

/// The resource with the changes of a PATCH: whole values of `properties`, and all tags. A group allows
/// only `enabled` (`ActionGroupPatchBody`). A rule's scope and kind cannot change
/// (`ScheduledQueryRuleResourcePatch`).
fn patched(kind: &str, mut present: Value, given: &Value) -> Result<Value, ArmError> {
    let (outer, inside): (&[&str], Option<&[&str]>) = match kind {
        GROUP => (&["tags", "properties"], Some(&["enabled"])),
        _ => (&["identity", "tags", "properties"], None),
    };
    let fields = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let refuse = |name: &str| bad(format!("The property '{name}' cannot be patched. Use PUT."));
    for (name, value) in fields(given) {
        if !outer.contains(&name.as_str()) {
            return Err(refuse(&name));
        }
        if name != "properties" {
            present[&name] = value;
            continue;
        }
        for (name, value) in fields(&value) {
            if inside.is_some_and(|inside| !inside.contains(&name.as_str())) {
                return Err(refuse(&name));
            }
            present["properties"][&name] = value;
        }
    }
    Ok(present)
}

fn located(given: &Value) -> Result<&str, ArmError> {
    let location = given["location"].as_str().filter(|text| !text.is_empty());
    location.ok_or_else(|| {
        let status = StatusCode::BAD_REQUEST;
        let message = "The location property is required for this definition.";
        ArmError::arm(status, "LocationRequired", message)
    })
}

fn action_group(group: &Resource, given: &Value) -> Result<Value, ArmError> {
    let location = located(given)?;
    let mut properties = given["properties"].as_object().cloned().unwrap_or_default();
    let short = properties.get("groupShortName").and_then(Value::as_str).unwrap_or_default();
    if short.is_empty() || short.chars().count() > SHORT_NAME_CHARS_MAX {
        return Err(bad(format!(
            "The groupShortName of an action group has 1 to {SHORT_NAME_CHARS_MAX} characters."
        )));
    }
    is_enabled(&Value::Object(properties.clone()))?;
    for kind in RECEIVERS.split(' ') {
        properties.entry(format!("{kind}Receivers")).or_insert_with(|| json!([]));
    }
    Ok(json!({
        "id": group.id, "type": "Microsoft.Insights/ActionGroups", "name": group.name,
        "location": location, "kind": null, "tags": tags(given)?, "properties": properties,
    }))
}

/// `enabled` is required for rules and groups.
fn is_enabled(properties: &Value) -> Result<(), ArmError> {
    let is_given = properties["enabled"].is_boolean();
    if is_given { Ok(()) } else { Err(bad("The property enabled is required.")) }
}

fn tags(given: &Value) -> Result<Value, ArmError> {
    texts("tags", given.get("tags"))
}

fn texts(name: &str, value: Option<&Value>) -> Result<Value, ArmError> {
    let texts = Field::of(name, value).text_map();
    texts.map(Value::Object).map_err(|error| bad(error.message))
}

fn rule(inner: &Inner, call: &Call, rule: &Resource, given: &Value) -> Result<Value, ArmError> {
    let location = located(given)?;
    let kind = Field::of("kind", given.get("kind")).one_of(&KINDS);
    let kind = kind.map_err(|error| bad(error.message))?.unwrap_or(KINDS[0]);
    check_rule(&given["properties"], kind)?;
    let present = rule.find(inner);
    if let Some(present) = &present
        && !is_same(&present["properties"]["scopes"], &given["properties"]["scopes"])
    {
        return Err(bad("The scopes of an existing rule cannot be changed."));
    }
    if kind == KINDS[0] {
        let read = Rule::read(&given["properties"]).and_then(|rule| rule.check_query(inner));
        read.map_err(bad)?;
    }
    let now = when::zulu(inner.clock.now());
    let made = present.map_or_else(|| json!(now), |rule| rule["systemData"]["createdAt"].clone());
    let mut body = json!({
        "id": rule.id, "type": RULE, "name": rule.name, "location": location, "kind": kind,
        "etag": format!("\"{}\"", uuid::Uuid::new_v4()), "tags": tags(given)?,
        "systemData": {
            "createdAt": made, "createdBy": call.caller, "createdByType": "Application",
            "lastModifiedAt": now, "lastModifiedBy": call.caller,
            "lastModifiedByType": "Application",
        },
        "properties": shown(call, &given["properties"])?,
    });
    if let Some(identity) = given.get("identity").filter(|identity| identity.is_object()) {
        body["identity"] = identity.clone();
    }
    Ok(body)
}

/// The required properties of a rule; a rule that only creates a metric needs fewer.
fn check_rule(properties: &Value, kind: &str) -> Result<(), ArmError> {
    let many = |at: &str| properties.pointer(at).and_then(Value::as_array).map_or(0, Vec::len);
    is_enabled(properties)?;
    if many("/scopes") != 1 {
        return Err(bad("A rule has exactly one scope."));
    }
    if many("/criteria/allOf") == 0 {
        return Err(bad("A rule needs a criterion in criteria.allOf."));
    }
    if kind != KINDS[0] {
        return Ok(());
    }
    if !properties["severity"].as_i64().is_some_and(|severity| (0..=4).contains(&severity)) {
        return Err(bad("The severity is 0 to 4."));
    }
    let length = |name: &str| properties[name].as_str().and_then(when::duration);
    match (length("evaluationFrequency"), length("windowSize")) {
        (Some(every), Some(window)) if every <= window => Ok(()),
        _ => Err(bad("The windowSize must be at least the evaluationFrequency.")),
    }
}

/// A rule's properties as a GET shows them.
fn shown(call: &Call, given: &Value) -> Result<Object, ArmError> {
    let mut properties = given.as_object().cloned().unwrap_or_default();
    let actions = properties.get_mut("actions").and_then(Value::as_object_mut);
    if let Some(actions) = actions {
        for name in ["customProperties", "actionProperties"] {
            if let Some(map) = actions.get(name).filter(|map| !map.is_null()) {
                let map = texts(name, Some(map))?;
                actions.insert(name.to_owned(), map);
            }
        }
    }
    properties.insert("createdWithApiVersion".to_owned(), json!(call.api_version));
    properties.insert("isLegacyLogAnalyticsRule".to_owned(), json!(false));
    properties.insert("isWorkspaceAlertsStorageConfigured".to_owned(), json!(false));
    properties.entry("autoMitigate").or_insert_with(|| json!(true));
    Ok(properties)
}

fn is_same(a: &Value, b: &Value) -> bool {
    a.to_string().eq_ignore_ascii_case(&b.to_string())
}
