//! Environments, models, codes and data: containers with versions, all synchronous (azure-wire.md
//! §5). One shape serves the four kinds; what differs is in [`super::asset_bodies`].

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::asset_bodies;
use super::call::{Answer, Call};
use super::endpoints::workspace;
use super::error::ArmError;
use super::paging;
use crate::inner::Inner;
use crate::state::{Asset, Container, State, WorkspaceState};
use crate::when;

/// `{WS}/{kind}[/{name}[/versions[/{version}[/startPendingUpload]]]]`
pub fn route(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    rest: &[&str],
) -> Result<Answer, ArmError> {
    let name = call.after(kind);
    let version = call.after("versions");
    match (rest, &call.method) {
        ([], &Method::GET) => containers(inner, call, ws, kind),
        ([], _) => Err(ArmError::method("GET")),
        ([_], &Method::GET) => container(inner, call, ws, kind, &name),
        ([_], &Method::PUT) => put_container(inner, call, ws, kind, &name),
        ([_], &Method::DELETE) => remove_container(inner, ws, kind, &name),
        ([_], _) => Err(ArmError::method("GET, PUT, DELETE")),
        ([_, "versions"], &Method::GET) => versions(inner, call, ws, kind, &name),
        ([_, "versions"], _) => Err(ArmError::method("GET")),
        ([_, "versions", _], &Method::GET) => get(inner, call, ws, kind, (&name, &version)),
        ([_, "versions", _], &Method::PUT) => put(inner, call, ws, kind, (&name, &version)),
        ([_, "versions", _], &Method::DELETE) => remove(inner, ws, kind, (&name, &version)),
        ([_, "versions", _], _) => Err(ArmError::method("GET, PUT, DELETE")),
        ([_, "versions", _, "startpendingupload"], &Method::POST) => {
            pending_upload(inner, call, ws)
        }
        ([_, "versions", _, "startpendingupload"], _) => Err(ArmError::method("POST")),
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

fn missing(kind: &str, name: &str) -> ArmError {
    ArmError::not_found(format!("The {kind} asset [{name}] was not found in the workspace."))
}

fn find<'a>(
    state: &'a State,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<(&'a WorkspaceState, &'a Container), ArmError> {
    let workspace = workspace(state, ws)?;
    let container = workspace.assets.get(kind).and_then(|kind| kind.get(&name.to_lowercase()));
    container.map(|container| (workspace, container)).ok_or_else(|| missing(kind, name))
}

/// Archived assets are hidden unless asked for.
fn is_listed(call: &Call, item: &Value) -> bool {
    let is_archived = item["properties"]["isArchived"] == true;
    match call.query.get("listviewtype").map(|view| view.to_lowercase()).as_deref() {
        Some("all") => true,
        Some("archivedonly") => is_archived,
        _ => !is_archived,
    }
}

fn containers(inner: &Arc<Inner>, call: &Call, ws: &str, kind: &str) -> Result<Answer, ArmError> {
    let mut items: Vec<Value> = inner.store.read(|state| {
        let workspace = workspace(state, ws)?;
        let all = workspace.assets.get(kind).into_iter().flat_map(|kind| kind.values());
        let views = all.map(|c| asset_bodies::container(inner, workspace, kind, c));
        Ok::<_, ArmError>(views.collect())
    })?;
    items.retain(|item| is_listed(call, item));
    paging::page(call, items)
}

fn container(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    inner.store.read(|state| {
        let (workspace, container) = find(state, ws, kind, name)?;
        Ok(Answer::ok(asset_bodies::container(inner, workspace, kind, container)))
    })
}

fn put_container(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<Answer, ArmError> {
    let body = call.object()?;
    asset_bodies::check_name(name)?;
    let now = when::arm(inner.clock.now());
    inner.store.try_write(|state| {
        let container = container_mut(state, ws, kind, name, &now)?;
        container.properties = body["properties"].as_object().cloned().unwrap_or_default();
        Ok::<_, ArmError>(())
    })?;
    container_answer(inner, ws, kind, name)
}

fn container_answer(
    inner: &Arc<Inner>,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<Answer, ArmError> {
    inner.store.read(|state| {
        let (workspace, container) = find(state, ws, kind, name)?;
        Ok(Answer::ok(asset_bodies::container(inner, workspace, kind, container)))
    })
}

fn container_mut<'a>(
    state: &'a mut State,
    ws: &str,
    kind: &str,
    name: &str,
    now: &str,
) -> Result<&'a mut Container, ArmError> {
    let workspace = state.workspaces.get_mut(ws).ok_or_else(|| ArmError::no_resource(ws, ""))?;
    let all = workspace.assets.entry(kind.to_owned()).or_default();
    Ok(all.entry(name.to_lowercase()).or_insert_with(|| Container {
        name: name.to_owned(),
        properties: serde_json::Map::new(),
        created_at: now.to_owned(),
        versions: Vec::new(),
    }))
}

fn versions(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<Answer, ArmError> {
    let hash = call.query.get("hash");
    let mut items: Vec<Value> = inner.store.read(|state| {
        let Ok(workspace) = workspace(state, ws) else { return Vec::new() };
        let all = workspace.assets.get(kind).into_iter().flatten();
        // The SDK gives every upload a new random name and asks by hash whether the content is
        // there already; it takes name and version from the answer. So the hash, not the name,
        // says what is looked for.
        let all = all.filter(|(key, _)| hash.is_some() || **key == name.to_lowercase());
        all.flat_map(|(_, container)| {
            container
                .versions
                .iter()
                .map(|asset| asset_bodies::version(inner, workspace, kind, &container.name, asset))
        })
        .collect()
    });
    items.retain(|item| is_listed(call, item));
    if let Some(hash) = hash {
        items.retain(|item| item["properties"]["properties"]["hash_sha256"] == hash.as_str());
    }
    if let Some(version) = call.query.get("version") {
        items.retain(|item| item["name"] == version.as_str());
    }
    paging::sort(call, &mut items);
    paging::page(call, items)
}

fn get(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    (name, version): (&str, &str),
) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    inner.store.read(|state| {
        let (workspace, container) = find(state, ws, kind, name)?;
        let asset = container.versions.iter().find(|asset| asset.version == version);
        let asset = asset.ok_or_else(|| missing(kind, &format!("{name}:{version}")))?;
        Ok(Answer::ok(asset_bodies::version(inner, workspace, kind, &container.name, asset)))
    })
}

fn put(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    kind: &str,
    (name, version): (&str, &str),
) -> Result<Answer, ArmError> {
    let body = call.object()?;
    asset_bodies::check_name(name)?;
    let properties = asset_bodies::accepted(kind, &body)?;
    let now = when::arm(inner.clock.now());
    let status = inner.store.try_write(|state| {
        let container = container_mut(state, ws, kind, name, &now)?;
        let present = container.versions.iter_mut().find(|asset| asset.version == version);
        let Some(asset) = present else {
            container.versions.push(Asset {
                version: version.to_owned(),
                properties,
                created_at: now.clone(),
                created_by: call.caller.clone(),
                modified_at: now.clone(),
            });
            return Ok::<_, ArmError>(StatusCode::CREATED);
        };
        asset_bodies::check_change(kind, name, asset, &properties)?;
        asset.properties = properties;
        asset.modified_at.clone_from(&now);
        Ok(StatusCode::OK)
    })?;
    inner.store.read(|state| {
        let (workspace, container) = find(state, ws, kind, name)?;
        let asset = container.versions.iter().find(|asset| asset.version == version);
        let asset = asset.ok_or_else(|| missing(kind, name))?;
        let view = asset_bodies::version(inner, workspace, kind, &container.name, asset);
        let id = view["id"].as_str().unwrap_or_default();
        let place = format!("{}{id}?api-version={}", call.base, call.api_version);
        Ok(Answer::json(status, view).with("location", place))
    })
}

/// With all its versions.
fn remove_container(
    inner: &Arc<Inner>,
    ws: &str,
    kind: &str,
    name: &str,
) -> Result<Answer, ArmError> {
    let gone = inner.store.try_write(|state| {
        let workspace = state.workspaces.get_mut(ws);
        let all = workspace.and_then(|workspace| workspace.assets.get_mut(kind));
        Ok::<_, ArmError>(all.and_then(|all| all.remove(&name.to_lowercase())))
    })?;
    Ok(Answer::empty(if gone.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT }))
}

fn remove(
    inner: &Arc<Inner>,
    ws: &str,
    kind: &str,
    (name, version): (&str, &str),
) -> Result<Answer, ArmError> {
    let was_there = inner.store.try_write(|state| {
        let workspace = state.workspaces.get_mut(ws);
        let all = workspace.and_then(|workspace| workspace.assets.get_mut(kind));
        let container = all.and_then(|all| all.get_mut(&name.to_lowercase()));
        let Some(container) = container else { return Ok::<_, ArmError>(false) };
        let before = container.versions.len();
        container.versions.retain(|asset| asset.version != version);
        Ok(container.versions.len() < before)
    })?;
    Ok(Answer::empty(if was_there { StatusCode::OK } else { StatusCode::NO_CONTENT }))
}

/// Where to upload to, with a credential that looks like a SAS: a new place at every call.
fn pending_upload(inner: &Arc<Inner>, call: &Call, ws: &str) -> Result<Answer, ArmError> {
    let account = super::workspaces::storage_account(ws);
    let guid = inner.store.read(|state| workspace(state, ws).map(|ws| ws.guid.clone()))?;
    let place = uuid::Uuid::new_v4().simple().to_string();
    // A container's name has 63 characters at most.
    let blob_uri = format!("{}/blob/{account}/{guid}-{}", call.base, &place[..26]);
    let sas = inner.blobs.signature();
    Ok(Answer::ok(json!({
        "pendingUploadId": uuid::Uuid::new_v4().to_string(),
        "pendingUploadType": "TemporaryBlobReference",
        "blobReferenceForConsumption": {
            "blobUri": blob_uri,
            "storageAccountArmId": format!(
                "{}/providers/Microsoft.Storage/storageAccounts/{account}", inner.group_id()),
            "credential": { "credentialType": "SAS", "sasUri": format!("{blob_uri}?{sas}") },
        },
    })))
}
