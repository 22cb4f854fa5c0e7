//! Alert rules over logs, and the groups of people that they call (azure-wire.md §7.2 and §7.3; shapes
//! after azure-rest-api-specs, monitor, `2023-12-01/examples/getScheduledQueryRule.json` and
//! `2023-01-01/examples/getActionGroup.json`). Rules are kept; nothing is ever raised.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::kept::{self, Resource, bad};
use crate::arm::call::{Answer, Call};
use crate::arm::error::ArmError;
use crate::arm::paging;
use crate::inner::Inner;
use crate::when;

/// Longest short name of an action group.
const SHORT_NAME_CHARS_MAX: usize = 12;

const RULE: &str = "microsoft.insights/scheduledQueryRules";
const GROUP: &str = "Microsoft.Insights/actionGroups";

/// `{RG}/providers/Microsoft.Insights/{scheduledQueryRules or actionGroups}[/{name}]`
pub fn route(inner: &Arc<Inner>, call: &Call, rest: &[&str]) -> Result<Answer, ArmError> {
    let kind = if rest.first() == Some(&"actiongroups") { GROUP } else { RULE };
    let group = inner.group_id();
    let one = Resource::at(call, &group, kind);
    match (rest, &call.method) {
        ([collection], &Method::GET) => paging::page(call, kept::list(inner, &group, collection)),
        ([_], _) => Err(ArmError::method("GET")),
        ([_, _], &Method::GET) => one.get(inner),
        ([_, _], &Method::DELETE) => Ok(one.delete(inner)),
        ([_, _], &Method::PUT) => {
            one.check_name()?;
            let given = call.object()?;
            let body = if kind == GROUP {
                action_group(&one, &given)?
            } else {
                rule(inner, call, &one, &given)?
            };
            let is_new = one.put(inner, &body);
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok(Answer::json(status, body))
        }
        ([_, _], _) => Err(ArmError::method("GET, PUT, DELETE")),
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
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
    if !properties.get("enabled").is_some_and(Value::is_boolean) {
        return Err(bad("The property enabled is required."));
    }
    for kind in [
        "email",
        "sms",
        "webhook",
        "itsm",
        "azureAppPush",
        "automationRunbook",
        "voice",
        "logicApp",
        "azureFunction",
        "armRole",
        "eventHub",
    ] {
        properties.entry(format!("{kind}Receivers")).or_insert_with(|| json!([]));
    }
    Ok(json!({
        "id": group.id, "type": "Microsoft.Insights/ActionGroups", "name": group.name,
        "location": location, "kind": null, "tags": tags(given), "properties": properties,
    }))
}

fn tags(given: &Value) -> Value {
    given.get("tags").filter(|tags| tags.is_object()).cloned().unwrap_or_else(|| json!({}))
}

fn rule(inner: &Inner, call: &Call, rule: &Resource, given: &Value) -> Result<Value, ArmError> {
    let location = located(given)?;
    let properties = &given["properties"];
    let many = |at: &str| properties.pointer(at).and_then(Value::as_array).map_or(0, Vec::len);
    if many("/scopes") != 1 {
        return Err(bad("A rule has exactly one scope."));
    }
    if many("/criteria/allOf") == 0 {
        return Err(bad("A rule needs a criterion in criteria.allOf."));
    }
    if !properties["severity"].as_i64().is_some_and(|severity| (0..=4).contains(&severity)) {
        return Err(bad("The severity is 0 to 4."));
    }
    let length = |name: &str| properties[name].as_str().and_then(when::duration);
    match (length("evaluationFrequency"), length("windowSize")) {
        (Some(every), Some(window)) if every <= window => {}
        _ => return Err(bad("The windowSize must be at least the evaluationFrequency.")),
    }
    let present = rule.find(inner);
    if let Some(present) = &present
        && !is_same(&present["properties"]["scopes"], &properties["scopes"])
    {
        return Err(bad("The scopes of an existing rule cannot be changed."));
    }
    let now = when::zulu(inner.clock.now());
    let made = present.map_or_else(|| json!(now), |rule| rule["systemData"]["createdAt"].clone());
    let mut properties = properties.as_object().cloned().unwrap_or_default();
    properties.insert("createdWithApiVersion".to_owned(), json!(call.api_version));
    properties.insert("isLegacyLogAnalyticsRule".to_owned(), json!(false));
    properties.insert("isWorkspaceAlertsStorageConfigured".to_owned(), json!(false));
    properties.entry("autoMitigate").or_insert_with(|| json!(true));
    Ok(json!({
        "id": rule.id, "type": RULE, "name": rule.name, "location": location, "kind": "LogAlert",
        "etag": format!("\"{}\"", uuid::Uuid::new_v4()), "tags": tags(given),
        "systemData": {
            "createdAt": made, "createdBy": call.caller, "createdByType": "Application",
            "lastModifiedAt": now, "lastModifiedBy": call.caller,
            "lastModifiedByType": "Application",
        },
        "properties": properties,
    }))
}

fn is_same(a: &Value, b: &Value) -> bool {
    a.to_string().eq_ignore_ascii_case(&b.to_string())
}
