//! The resources above endpoints: subscription, resource group, workspace. They are configured and cannot
//! be created: PUT and DELETE are refused.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::builds::kept::RegistryState;
use crate::inner::Inner;
use crate::naming::linked;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::registry;
use crate::state::WorkspaceState;

fn subscription_body(inner: &Inner) -> Value {
    json!({
        "id": format!("/subscriptions/{}", inner.subscription),
        "subscriptionId": inner.subscription,
        "tenantId": inner.tenant,
        "displayName": "Emulated subscription",
        "state": "Enabled",
    })
}

/// `GET /subscriptions`
pub fn subscriptions(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    Ok(Answer::ok(json!({ "value": [subscription_body(inner)] })))
}

/// `GET /subscriptions/{id}`
pub fn subscription(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    Ok(Answer::ok(subscription_body(inner)))
}

fn group_body(inner: &Inner) -> Value {
    let location = inner.store.read(|state| {
        state.workspaces.values().next().map(|ws| ws.location.clone()).unwrap_or_default()
    });
    json!({
        "id": inner.group_id(),
        "name": inner.resource_group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": {},
        "properties": { "provisioningState": "Succeeded" },
    })
}

/// `GET {SUB}/resourceGroups`
pub fn groups(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    Ok(Answer::ok(json!({ "value": [group_body(inner)] })))
}

/// `GET {RG}`; HEAD checks whether it exists.
pub fn group(inner: &Arc<Inner>, call: &Call) -> Answered {
    match call.method {
        Method::GET => Ok(Answer::ok(group_body(inner))),
        Method::HEAD => Ok(Answer::empty(http::StatusCode::NO_CONTENT)),
        _ => Err(ArmError::method("GET, HEAD")),
    }
}

/// `GET …/workspaces`
pub fn list(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let items = inner.store.read(|state| {
        let all = state.workspaces.values();
        all.map(|ws| body(inner, ws, &state.registry)).collect::<Vec<_>>()
    });
    paging::page(call, items)
}

/// `GET {WS}`
pub fn get(inner: &Arc<Inner>, call: &Call, ws: &str) -> Answered {
    call.only(&Method::GET, "GET")?;
    let found = inner
        .store
        .read(|state| state.workspaces.get(ws).map(|ws| body(inner, ws, &state.registry)));
    found.map(Answer::ok).ok_or_else(|| ArmError::no_resource(ws, &inner.resource_group))
}

fn body(inner: &Inner, ws: &WorkspaceState, registry: &RegistryState) -> Value {
    let (vault, insights, storage) = linked(&ws.name);
    let group = inner.group_id();
    let location = &ws.location;
    let id = inner.workspace_id(&ws.name);
    json!({
        "id": id,
        "name": ws.name,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": location,
        "tags": {},
        "etag": null,
        "kind": "Default",
        "identity": { "type": "SystemAssigned", "principalId": ws.guid, "tenantId": inner.tenant },
        "sku": { "name": "Basic", "tier": "Basic" },
        "systemData": {
            "createdAt": ws.created_at, "createdBy": "emulator", "createdByType": "Application",
            "lastModifiedAt": ws.created_at, "lastModifiedBy": "emulator",
            "lastModifiedByType": "Application",
        },
        "properties": {
            "friendlyName": ws.name,
            "description": "",
            "workspaceId": ws.guid,
            "provisioningState": "Succeeded",
            "storageAccount": format!("{group}/providers/Microsoft.Storage/storageAccounts/{storage}"),
            "keyVault": format!("{group}/providers/Microsoft.Keyvault/vaults/{vault}"),
            "applicationInsights": format!("{group}/providers/Microsoft.insights/components/{insights}"),
            "containerRegistry": (!registry.is_detached)
                .then(|| registry::registry_id(inner, &registry.name)),
            "hbiWorkspace": false,
            "imageBuildCompute": null,
            "publicNetworkAccess": "Enabled",
            "discoveryUrl": format!("https://{location}.api.azureml.ms/discovery"),
            "mlFlowTrackingUri": format!("azureml://{location}.api.azureml.ms/mlflow/v1.0{id}"),
            "tenantId": inner.tenant,
            "v1LegacyMode": false,
            "privateLinkCount": 0,
            "storageHnsEnabled": false,
            "allowPublicAccessWhenBehindVnet": false,
            "managedNetwork": { "isolationMode": "Disabled", "outboundRules": {}, "status": null },
            "systemDatastoresAuthMode": "accesskey",
            "enableDataIsolation": false,
        },
    })
}
