//! The resources linked to a workspace: its Application Insights component, and the Log Analytics workspace
//! behind that (shape after azure-rest-api-specs, applicationinsights, 2020-02-02,
//! `examples/ComponentsGet.json`, whose keys are in PascalCase). Like workspaces, they cannot be created.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::inner::Inner;
use crate::logs::RETENTION_DAYS;
use crate::naming::{self, stem};
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::state::WorkspaceState;
use crate::when;

/// The body of a linked resource; `name` is its name.
fn of_workspace(
    inner: &Inner,
    call: &Call,
    (prefix, kind): (&str, &str),
    name: &str,
    body: impl Fn(&WorkspaceState) -> Value,
) -> Answered {
    call.only(&Method::GET, "GET")?;
    let is_it =
        |ws: &&WorkspaceState| format!("{prefix}-{}", stem(&ws.name)).eq_ignore_ascii_case(name);
    let found = inner.store.read(|state| state.workspaces.values().find(is_it).map(&body));
    let missing = || ArmError::no_resource(&format!("{kind}/{name}"), &inner.resource_group);
    found.map(Answer::ok).ok_or_else(missing)
}

/// `GET {RG}/providers/Microsoft.Insights/components/{name}`
pub fn component(inner: &Arc<Inner>, call: &Call, name: &str) -> Answered {
    let kind = "Microsoft.Insights/components";
    of_workspace(inner, call, ("appi", kind), name, |ws| {
        let name = format!("appi-{}", stem(&ws.name));
        json!({
            "id": format!("{}/providers/microsoft.insights/components/{name}", inner.group_id()),
            "name": name, "type": "microsoft.insights/components", "location": ws.location,
            "kind": "web", "tags": {}, "etag": null,
            "properties": {
                "ApplicationId": name, "AppId": ws.guid, "Application_Type": "web",
                "Flow_Type": "Bluefield", "Request_Source": "rest",
                "CreationDate": ws.created_at, "TenantId": inner.tenant,
                "InstrumentationKey": ws.guid, "ConnectionString": format!("InstrumentationKey={}", ws.guid),
                "IngestionMode": "LogAnalytics", "RetentionInDays": 90, "SamplingPercentage": null,
                "WorkspaceResourceId": inner.log_workspace_id(&ws.name),
                "provisioningState": "Succeeded",
                "publicNetworkAccessForIngestion": "Enabled",
                "publicNetworkAccessForQuery": "Enabled",
            },
        })
    })
}

/// `GET {RG}/providers/Microsoft.OperationalInsights/workspaces/{name}`
pub fn log_workspace(inner: &Arc<Inner>, call: &Call, name: &str) -> Answered {
    let kind = "Microsoft.OperationalInsights/workspaces";
    let tags = tags(inner);
    of_workspace(inner, call, ("log", kind), name, |ws| log_workspace_body(inner, ws, &tags))
}

/// `GET {RG}/providers/Microsoft.OperationalInsights/workspaces`
pub fn log_workspaces(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let tags = tags(inner);
    let all = inner.store.read(|state| {
        let all = state.workspaces.values().map(|ws| log_workspace_body(inner, ws, &tags));
        all.collect::<Vec<_>>()
    });
    Ok(Answer::ok(json!({ "value": all })))
}

fn log_workspace_body(inner: &Inner, ws: &WorkspaceState, tags: &Value) -> Value {
    let kind = "Microsoft.OperationalInsights/workspaces";
    json!({
        "id": inner.log_workspace_id(&ws.name), "name": naming::log_workspace(&ws.name),
        "type": kind, "location": ws.location, "tags": tags,
        "properties": {
            "customerId": ws.guid, "provisioningState": "Succeeded",
            "sku": { "name": "PerGB2018" }, "retentionInDays": RETENTION_DAYS,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        },
    })
}

/// The time that was recorded for the demo and never happened.
fn tags(inner: &Inner) -> Value {
    let until = inner.store.read(|state| state.recorded_until.clone());
    let Some(until) = until.as_deref().and_then(when::parse) else { return json!({}) };
    let from = until - time::Duration::DAY;
    json!({ "recordedFrom": when::zulu(from), "recordedUntil": when::zulu(until) })
}
