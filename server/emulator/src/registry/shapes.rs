//! The registry's resources as ARM shows them.

use serde_json::{Value, json};

use crate::builds::kept::{RegistryState, Run, RunStatus};
use crate::inner::Inner;

/// The host and port of the registry, as this caller reaches it.
pub fn login_server(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, host)| host).trim_end_matches('/')
}

/// `{ACR}`
pub fn registry_id(inner: &Inner, name: &str) -> String {
    format!("{}/providers/Microsoft.ContainerRegistry/registries/{name}", inner.group_id())
}

fn system_data(by: &str, at: &str, changed: &str) -> Value {
    json!({
        "createdBy": by, "createdByType": "Application", "createdAt": at,
        "lastModifiedBy": by, "lastModifiedByType": "Application", "lastModifiedAt": changed,
    })
}

/// `GET {ACR}`
pub fn registry(inner: &Inner, base: &str, state: &RegistryState) -> Value {
    json!({
        "id": registry_id(inner, &state.name),
        "name": state.name,
        "type": "Microsoft.ContainerRegistry/registries",
        "location": state.location,
        "tags": {},
        "sku": { "name": "Standard", "tier": "Standard" },
        "systemData": system_data("emulator", &state.created_at, &state.created_at),
        "properties": {
            "loginServer": login_server(base),
            "creationDate": state.created_at,
            "provisioningState": "Succeeded",
            "adminUserEnabled": true,
            "policies": {
                "quarantinePolicy": { "status": "disabled" },
                "trustPolicy": { "type": "Notary", "status": "disabled" },
                "retentionPolicy": {
                    "days": 7, "lastUpdatedTime": state.created_at, "status": "disabled",
                },
            },
            "encryption": { "status": "disabled" },
            "dataEndpointEnabled": false,
            "dataEndpointHostNames": [],
            "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled",
            "networkRuleBypassOptions": "AzureServices",
            "zoneRedundancy": "Disabled",
            "anonymousPullEnabled": false,
        },
    })
}

/// `provisioningState`: of the resource, which exists as soon as the run is scheduled, until the run has ended.
fn provisioning(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Canceled => "Canceled",
        RunStatus::Failed | RunStatus::Error | RunStatus::Timeout => "Failed",
        _ => "Succeeded",
    }
}

/// `GET {ACR}/runs/{runId}`
pub fn run(inner: &Inner, registry: &str, run: &Run) -> Value {
    let mut properties = json!({
        "runId": run.id(),
        "status": run.status.as_str(),
        "lastUpdatedTime": run.updated_at,
        "runType": "QuickBuild",
        "createTime": run.created_at,
        "platform": { "os": "linux", "architecture": run.order.architecture },
        "agentConfiguration": { "cpu": run.order.cpu },
        "provisioningState": provisioning(run.status),
        "isArchiveEnabled": run.order.is_archive_enabled,
    });
    let images = run.digest.as_ref().map(|digest| {
        let image = |image: &crate::builds::kept::Image| {
            json!({ "registry": run.login_server, "repository": image.repository, "tag": image.tag,
                "digest": digest })
        };
        Value::Array(run.images.iter().map(image).collect())
    });
    let registries = &run.order.custom_registries;
    for (name, value) in [
        ("startTime", run.started_at.as_ref().map(|at| json!(at))),
        ("finishTime", run.ended_at.as_ref().map(|at| json!(at))),
        ("runErrorMessage", run.error.as_ref().map(|text| json!(text))),
        ("outputImages", images),
        ("customRegistries", (!registries.is_empty()).then(|| json!(registries))),
    ] {
        if let Some(value) = value {
            properties[name] = value;
        }
    }
    let id = run.id();
    json!({
        "id": format!("{}/runs/{id}", registry_id(inner, registry)),
        "name": id,
        "type": "Microsoft.ContainerRegistry/registries/runs",
        "systemData": system_data(&run.created_by, &run.created_at, &run.updated_at),
        "properties": properties,
    })
}
