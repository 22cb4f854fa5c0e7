//! Environments, models, code and data: containers with versions, all synchronous. The four kinds share one
//! shape; [`super::asset_bodies`] has the differences.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::asset_bodies;
use crate::find::workspace;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::state::{Asset, Container, State, WorkspaceState};
use crate::{naming, when};

/// What a request is about: a kind of asset in a workspace, and for most requests an asset and its version.
struct Asked<'a> {
    inner: &'a Inner,
    call: &'a Call,
    ws: &'a str,
    kind: &'a str,
    name: String,
    version: String,
}

/// `{WS}/{kind}[/{name}[/versions[/{version}[/startPendingUpload]]]]`
pub fn route(inner: &Inner, call: &Call, ws: &str, kind: &str, rest: &[&str]) -> Answered {
    let (name, version) = (call.after(kind), call.after("versions"));
    let asked = Asked { inner, call, ws, kind, name, version };
    match (rest, &call.method) {
        ([], &Method::GET) => asked.containers(),
        ([], _) => Err(ArmError::method("GET")),
        ([_], &Method::GET) => asked.container(),
        ([_], &Method::PUT) => asked.put_container(),
        ([_], &Method::DELETE) => asked.remove_container(),
        ([_], _) => Err(ArmError::method("GET, PUT, DELETE")),
        ([_, "versions"], &Method::GET) => asked.versions(),
        ([_, "versions"], _) => Err(ArmError::method("GET")),
        ([_, "versions", _], &Method::GET) => asked.get(),
        ([_, "versions", _], &Method::PUT) => asked.put(),
        ([_, "versions", _], &Method::DELETE) => asked.remove(),
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

/// Lists leave out archived assets unless the caller asks for them.
fn is_listed(call: &Call, item: &Value) -> bool {
    let is_archived = item["properties"]["isArchived"] == true;
    match call.query.get("listviewtype").map(|view| view.to_lowercase()).as_deref() {
        Some("all") => true,
        Some("archivedonly") => is_archived,
        _ => !is_archived,
    }
}

impl Asked<'_> {
    fn find<'s>(&self, state: &'s State) -> Result<(&'s WorkspaceState, &'s Container), ArmError> {
        let workspace = workspace(state, self.ws)?;
        let all = workspace.assets.get(self.kind);
        let container = all.and_then(|all| all.get(&self.name.to_lowercase()));
        let missing = || missing(self.kind, &self.name);
        container.map(|container| (workspace, container)).ok_or_else(missing)
    }

    /// All assets of the kind, if there are any.
    fn all<'s>(&self, state: &'s mut State) -> Option<&'s mut BTreeMap<String, Container>> {
        state.workspaces.get_mut(self.ws)?.assets.get_mut(self.kind)
    }

    fn container_mut<'s>(
        &self,
        state: &'s mut State,
        now: &str,
    ) -> Result<&'s mut Container, ArmError> {
        let workspace = state.workspaces.get_mut(self.ws);
        let workspace = workspace.ok_or_else(|| ArmError::no_resource(self.ws, ""))?;
        let all = workspace.assets.entry(self.kind.to_owned()).or_default();
        Ok(all.entry(self.name.to_lowercase()).or_insert_with(|| Container {
            name: self.name.clone(),
            properties: serde_json::Map::new(),
            created_at: now.to_owned(),
            versions: Vec::new(),
        }))
    }

    fn containers(&self) -> Answered {
        let mut items: Vec<Value> = self.inner.store.read(|state| {
            let workspace = workspace(state, self.ws)?;
            let all = workspace.assets.get(self.kind).into_iter().flat_map(|kind| kind.values());
            let views = all.map(|c| asset_bodies::container(self.inner, workspace, self.kind, c));
            Ok::<_, ArmError>(views.collect())
        })?;
        items.retain(|item| is_listed(self.call, item));
        paging::page(self.call, items)
    }

    fn container(&self) -> Answered {
        self.inner.store.read(|state| {
            let (workspace, container) = self.find(state)?;
            Ok(Answer::ok(asset_bodies::container(self.inner, workspace, self.kind, container)))
        })
    }

    fn put_container(&self) -> Answered {
        let body = self.call.object()?;
        asset_bodies::check_name(&self.name)?;
        let now = when::arm(self.inner.clock.now());
        self.inner.store.try_write(|state| {
            let container = self.container_mut(state, &now)?;
            container.properties = body["properties"].as_object().cloned().unwrap_or_default();
            Ok::<_, ArmError>(())
        })?;
        self.container()
    }

    fn versions(&self) -> Answered {
        let hash = self.call.query.get("hash");
        let mut items: Vec<Value> = self.inner.store.read(|state| {
            let Ok(workspace) = workspace(state, self.ws) else { return Vec::new() };
            let all = workspace.assets.get(self.kind).into_iter().flatten();
            // The SDK gives every upload a new random name, asks by hash whether the content already exists,
            // and takes name and version from the answer. The search is therefore by hash and not by name.
            let all = all.filter(|(key, _)| hash.is_some() || **key == self.name.to_lowercase());
            let views = all.flat_map(|(_, container)| {
                container.versions.iter().map(move |asset| {
                    asset_bodies::version(self.inner, workspace, self.kind, &container.name, asset)
                })
            });
            views.collect()
        });
        items.retain(|item| is_listed(self.call, item));
        if let Some(hash) = hash {
            items.retain(|item| item["properties"]["properties"]["hash_sha256"] == hash.as_str());
        }
        if let Some(version) = self.call.query.get("version") {
            items.retain(|item| item["name"] == version.as_str());
        }
        paging::sort(self.call, &mut items);
        paging::page(self.call, items)
    }

    /// One version as a GET shows it.
    fn view(&self) -> Result<Value, ArmError> {
        self.inner.store.read(|state| {
            let (workspace, container) = self.find(state)?;
            let asset = container.versions.iter().find(|asset| asset.version == self.version);
            let missing = || missing(self.kind, &format!("{}:{}", self.name, self.version));
            let asset = asset.ok_or_else(missing)?;
            let name = &container.name;
            Ok(asset_bodies::version(self.inner, workspace, self.kind, name, asset))
        })
    }

    fn get(&self) -> Answered {
        self.view().map(Answer::ok)
    }

    fn put(&self) -> Answered {
        let body = self.call.object()?;
        asset_bodies::check_name(&self.name)?;
        let properties = asset_bodies::accepted(self.kind, &body)?;
        let now = when::arm(self.inner.clock.now());
        let status = self.inner.store.try_write(|state| {
            let container = self.container_mut(state, &now)?;
            let present = container.versions.iter_mut().find(|one| one.version == self.version);
            let Some(asset) = present else {
                container.versions.push(Asset {
                    version: self.version.clone(),
                    properties,
                    created_at: now.clone(),
                    created_by: self.call.caller.clone(),
                    modified_at: now.clone(),
                });
                return Ok::<_, ArmError>(StatusCode::CREATED);
            };
            asset_bodies::check_change(self.kind, &self.name, asset, &properties)?;
            asset.properties = properties;
            asset.modified_at.clone_from(&now);
            Ok(StatusCode::OK)
        })?;
        let view = self.view()?;
        let id = view["id"].as_str().unwrap_or_default();
        let place = format!("{}{id}?api-version={}", self.call.base, self.call.api_version);
        Ok(Answer::json(status, view).with("location", place))
    }

    /// Deletes an asset with all its versions.
    fn remove_container(&self) -> Answered {
        let key = self.name.to_lowercase();
        let gone = self.inner.store.write(|state| self.all(state).and_then(|a| a.remove(&key)))?;
        Ok(Answer::gone(gone.is_some()))
    }

    fn remove(&self) -> Answered {
        let was_there = self.inner.store.write(|state| {
            let all = self.all(state);
            let container = all.and_then(|all| all.get_mut(&self.name.to_lowercase()));
            container.is_some_and(|container| {
                let before = container.versions.len();
                container.versions.retain(|asset| asset.version != self.version);
                container.versions.len() < before
            })
        })?;
        Ok(Answer::gone(was_there))
    }
}

/// Creates the next version of an asset, as a client does that names no version; returns its number.
pub fn add_version(
    inner: &Inner,
    ws: &str,
    kind: &str,
    name: &str,
    body: &Value,
    caller: &str,
) -> Result<String, ArmError> {
    asset_bodies::check_name(name)?;
    let properties = asset_bodies::accepted(kind, body)?;
    let now = when::arm(inner.clock.now());
    inner.store.try_write(|state| {
        let workspace = state.workspaces.get_mut(&ws.to_lowercase());
        let workspace =
            workspace.ok_or_else(|| ArmError::no_resource(ws, &inner.resource_group))?;
        let all = workspace.assets.entry(kind.to_owned()).or_default();
        let container = all.entry(name.to_lowercase()).or_insert_with(|| Container {
            name: name.to_owned(),
            properties: serde_json::Map::new(),
            created_at: now.clone(),
            versions: Vec::new(),
        });
        let numbers = container.versions.iter().filter_map(|one| one.version.parse::<u64>().ok());
        let version = (numbers.max().unwrap_or(0) + 1).to_string();
        container.versions.push(Asset {
            version: version.clone(),
            properties,
            created_at: now.clone(),
            created_by: caller.to_owned(),
            modified_at: now,
        });
        Ok(version)
    })
}

/// The upload target, with a credential that looks like a SAS: a new place for every call.
fn pending_upload(inner: &Inner, call: &Call, ws: &str) -> Answered {
    let account = naming::storage_account(ws);
    let guid = inner.store.read(|state| workspace(state, ws).map(|ws| ws.guid.clone()))?;
    let place = uuid::Uuid::new_v4().simple().to_string();
    // A container's name has at most 63 characters.
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
