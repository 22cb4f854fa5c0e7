//! Diagnostic settings of an endpoint: which logs go where (shapes after azure-rest-api-specs, monitor,
//! 2021-05-01-preview, `examples/getDiagnosticSetting.json`).

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Scope;
use super::kept::{self, Resource, bad};
use crate::inner::Inner;
use crate::log_feed;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;

/// The highest number of settings of one resource (Azure Monitor: diagnostic settings, destination
/// limitations).
const SETTINGS_MAX: usize = 5;
/// Logs of an online endpoint (Azure ML: monitor online endpoints).
const LOGS: [&str; 3] =
    ["AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointConsoleLog", "AmlOnlineEndpointEventLog"];
const METRICS: [&str; 1] = ["AllMetrics"];
/// The possible destinations of logs.
const SINKS: [&str; 4] =
    ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId"];

const KIND: &str = "Microsoft.Insights/diagnosticSettings";

/// `{endpoint}/providers/Microsoft.Insights/diagnosticSettings[/{name}]`, and the categories.
pub fn route(inner: &Arc<Inner>, call: &Call, scope: &Scope, rest: &[&str]) -> Answered {
    if scope.deployment.is_some() {
        return Err(ArmError::arm(
            StatusCode::BAD_REQUEST,
            "ResourceTypeNotSupported",
            "The resource type \
             'microsoft.machinelearningservices/workspaces/onlineendpoints/deployments' does not \
             support diagnostic settings.",
        ));
    }
    let setting = Resource::at(call, &scope.id, KIND);
    match (rest, &call.method) {
        (["diagnosticsettings"], &Method::GET) => {
            let all = kept::list(inner, &scope.id, "diagnosticSettings");
            Ok(Answer::ok(json!({ "value": all })))
        }
        (["diagnosticsettings", _], &Method::GET) => setting.get(inner),
        (["diagnosticsettings", _], &Method::PUT) => put(inner, call, scope, &setting),
        (["diagnosticsettings", _], &Method::DELETE) => {
            let gone = setting.delete(inner)?;
            log_feed::update(inner);
            Ok(gone)
        }
        (["diagnosticsettings"], _) => Err(ArmError::method("GET")),
        (["diagnosticsettings", _], _) => Err(ArmError::method("GET, PUT, DELETE")),
        (["diagnosticsettingscategories"], &Method::GET) => {
            Ok(Answer::ok(json!({ "value": categories(scope) })))
        }
        (["diagnosticsettingscategories", name], &Method::GET) => category(inner, scope, name),
        (["diagnosticsettingscategories", ..], _) => Err(ArmError::method("GET")),
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

fn category(inner: &Inner, scope: &Scope, name: &str) -> Answered {
    let is_it = |one: &Value| one["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name));
    let found = categories(scope).into_iter().find(is_it);
    let missing = || {
        let resource = format!("Microsoft.Insights/diagnosticSettingsCategories/{name}");
        ArmError::no_resource(&resource, &inner.resource_group)
    };
    found.map(Answer::ok).ok_or_else(missing)
}

fn categories(scope: &Scope) -> Vec<Value> {
    let category = |name: &str, kind: &str, groups: Value| {
        json!({
            "id": format!(
                "{}/providers/microsoft.insights/diagnosticSettingsCategories/{name}", scope.id
            ),
            "type": "Microsoft.Insights/diagnosticSettingsCategories",
            "name": name,
            "properties": { "categoryType": kind, "categoryGroups": groups },
        })
    };
    let logs = LOGS.iter().map(|name| category(name, "Logs", json!(["allLogs"])));
    let metrics = METRICS.iter().map(|name| category(name, "Metrics", Value::Null));
    logs.chain(metrics).collect()
}

/// Synchronous; 200 also if it is new.
fn put(inner: &Arc<Inner>, call: &Call, scope: &Scope, setting: &Resource) -> Answered {
    setting.check_name()?;
    let given = call.object()?;
    let properties = &given["properties"];
    let is_given = |name: &&str| properties[*name].as_str().is_some_and(|text| !text.is_empty());
    if !SINKS.iter().any(is_given) {
        return Err(bad("At least one data sink needs to be specified."));
    }
    let logs = items(properties, "logs", &LOGS)?;
    let metrics = items(properties, "metrics", &METRICS)?;
    if logs.is_empty() && metrics.is_empty() {
        return Err(bad("At least one log or metric category needs to be specified."));
    }
    let others = kept::list(inner, &scope.id, "diagnosticSettings");
    if others.len() >= SETTINGS_MAX && setting.find(inner).is_none() {
        return Err(ArmError::conflict(format!(
            "The resource already has {SETTINGS_MAX} diagnostic settings, which is the maximum."
        )));
    }
    let sink = |name: &str| properties.get(name).cloned().unwrap_or_default();
    let body = json!({
        "id": setting.id, "type": KIND, "name": setting.name,
        "location": null, "kind": null, "tags": null, "identity": null,
        "properties": {
            "storageAccountId": sink("storageAccountId"),
            "serviceBusRuleId": sink("serviceBusRuleId"),
            "workspaceId": sink("workspaceId"),
            "eventHubAuthorizationRuleId": sink("eventHubAuthorizationRuleId"),
            "eventHubName": sink("eventHubName"),
            "marketplacePartnerId": sink("marketplacePartnerId"),
            "logAnalyticsDestinationType": sink("logAnalyticsDestinationType"),
            "logs": logs, "metrics": metrics,
        },
    });
    setting.put(inner, &body)?;
    log_feed::update(inner);
    Ok(Answer::ok(body))
}

/// `logs` or `metrics`: each names a category; logs can also name a category group.
fn items(properties: &Value, field: &str, known: &[&str]) -> Result<Vec<Value>, ArmError> {
    let mut items = Vec::new();
    for item in properties[field].as_array().into_iter().flatten() {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let is_known = known.iter().any(|name| name.eq_ignore_ascii_case(text("category")));
        let is_group = field == "logs" && text("categoryGroup").eq_ignore_ascii_case("allLogs");
        if !is_known && !is_group {
            let named = format!("{}{}", text("category"), text("categoryGroup"));
            return Err(bad(format!("Category '{named}' is not supported.")));
        }
        let enabled = item["enabled"].as_bool();
        let enabled = enabled.ok_or_else(|| bad(format!("Each of {field} needs 'enabled'.")))?;
        let mut kept = json!({
            "category": item.get("category"),
            "enabled": enabled,
            "retentionPolicy": retention(item)?,
        });
        // Logs have groups, metrics have a grain.
        match field {
            "logs" => kept["categoryGroup"] = json!(item.get("categoryGroup")),
            _ => kept["timeGrain"] = grain(item)?,
        }
        items.push(kept);
    }
    Ok(items)
}

/// The retention as given; without one, nothing is ever deleted.
fn retention(item: &Value) -> Result<Value, ArmError> {
    let given = &item["retentionPolicy"];
    match (given["enabled"].as_bool(), given["days"].as_u64()) {
        _ if given.is_null() => Ok(json!({ "enabled": false, "days": 0 })),
        (Some(enabled), Some(days)) => Ok(json!({ "enabled": enabled, "days": days })),
        _ => Err(bad("A retentionPolicy needs 'enabled' and 'days', which are 0 or more.")),
    }
}

fn grain(item: &Value) -> Result<Value, ArmError> {
    match &item["timeGrain"] {
        Value::String(text) if crate::when::duration(text).is_none() => {
            Err(bad(format!("The timeGrain [{text}] is not valid.")))
        }
        given @ (Value::String(_) | Value::Null) => Ok(given.clone()),
        _ => Err(bad("The timeGrain must be an ISO 8601 duration.")),
    }
}
