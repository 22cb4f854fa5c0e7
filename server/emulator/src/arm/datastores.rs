//! The workspace's default datastores, as far as uploads need them. They exist from the start and cannot be
//! created.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::assets;
use crate::find::workspace;
use crate::inner::Inner;
use crate::naming::storage_account;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;

const NAMES: [&str; 2] = ["workspaceblobstore", "workspaceartifactstore"];

/// `{WS}/datastores[/{name}[/listSecrets]]`
pub fn route(inner: &Arc<Inner>, call: &Call, ws: &str, rest: &[&str]) -> Answered {
    match rest {
        [] => {
            call.only(&Method::GET, "GET")?;
            let is_default =
                call.query.get("isdefault").is_some_and(|v| v.eq_ignore_ascii_case("true"));
            let names = NAMES.iter().take(if is_default { 1 } else { NAMES.len() });
            let items: Result<Vec<Value>, ArmError> =
                names.map(|name| view(inner, ws, name)).collect();
            paging::page(call, items?)
        }
        [name] => {
            call.only(&Method::GET, "GET")?;
            view(inner, ws, known(name)?).map(Answer::ok)
        }
        [name, "listsecrets"] => {
            call.only(&Method::POST, "POST")?;
            known(name)?;
            Ok(Answer::ok(json!({ "secretsType": "Sas", "sasToken": inner.blobs.signature() })))
        }
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

fn known(name: &str) -> Result<&'static str, ArmError> {
    NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .ok_or_else(|| ArmError::not_found(format!("The datastore [{name}] was not found.")))
}

fn view(inner: &Inner, ws: &str, name: &str) -> Result<Value, ArmError> {
    inner.store.read(|state| {
        let workspace = workspace(state, ws)?;
        Ok(json!({
            "id": format!("{}/datastores/{name}", inner.workspace_id(&workspace.name)),
            "name": name,
            "type": "Microsoft.MachineLearningServices/workspaces/datastores",
            "systemData": {
                "createdAt": workspace.created_at, "createdBy": "emulator",
                "createdByType": "Application", "lastModifiedAt": workspace.created_at,
            },
            "properties": {
                "datastoreType": "AzureBlob",
                "accountName": storage_account(ws),
                "containerName": assets::container(ws),
                "endpoint": "core.windows.net",
                "protocol": "https",
                "serviceDataAccessAuthIdentity": "None",
                "credentials": { "credentialsType": "Sas" },
                "isDefault": name == NAMES[0],
                "description": null, "tags": {}, "properties": {},
            },
        }))
    })
}
