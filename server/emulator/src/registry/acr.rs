//! ACR's own API about the contents of a registry: repositories, tags and manifests with their times and sizes
//! (azure-rest-api-specs, containerregistry data plane, 2021-07-01).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};
use images::{Digest, StoredManifest};
use serde_json::{Value, json};

use super::oci::{Reply, blob_file, forget};
use super::pages;
use super::refusal::Refusal;
use super::shapes::login_server;
use super::tokens::{Need, admit};
use crate::builds::kept::Times;
use crate::inner::{Inner, Shared};
use crate::protocol::call::{decoded, query};

/// The largest image config that is read, in bytes.
const CONFIG_BYTES_MAX: u64 = 1024 * 1024;

/// Handles everything under `/acr/v1/`.
pub async fn handle(State(inner): State<Shared>, request: Request) -> Response {
    answer(&inner, &request).unwrap_or_else(IntoResponse::into_response)
}

fn answer(inner: &Arc<Inner>, request: &Request) -> Reply {
    let (uri, headers) = (request.uri(), request.headers());
    let path = decoded(uri.path().trim_start_matches("/acr/v1/"));
    let is_delete = request.method() == Method::DELETE;
    if path == "_catalog" {
        let need = Need { kind: "registry", name: "catalog", actions: &["*"], asks: "*" };
        admit(inner, headers, Some(need))?;
        let (page, last) = pages::part(uri, &inner.images.repositories(), Clone::clone)?;
        return Ok(pages::answer(uri, json!({ "repositories": page }), last));
    }
    let (name, what) = path.split_once("/_").map_or((&*path, ""), |(name, what)| (name, what));
    let (actions, asks): (&'static [&'static str], _) = match is_delete {
        true => (&["delete"], "delete"),
        false => (&["metadata_read", "pull"], "metadata_read"),
    };
    admit(inner, headers, Some(Need { kind: "repository", name, actions, asks }))?;
    let server = inner.base(headers);
    let shown = Shown { inner, server: login_server(&server), name };
    if !images::is_repository(name)
        || !inner.images.repositories().iter().any(|known| known == name)
    {
        return Err(Refusal::no_repository(name));
    }
    let (what, reference) = what.split_once('/').unwrap_or((what, ""));
    match (what, reference, request.method()) {
        ("", _, &Method::GET) => Ok(Json(shown.repository()).into_response()),
        ("tags", "", &Method::GET) => shown.tags(uri),
        ("manifests", "", &Method::GET) => shown.manifests(uri),
        ("tags", tag, &Method::GET) => shown.one_tag(tag),
        ("manifests", digest, &Method::GET) => shown.one_manifest(digest),
        ("tags", tag, &Method::DELETE) if images::is_tag(tag) => shown.remove_tag(tag),
        _ => Err(Refusal::unsupported()),
    }
}

/// A repository as it is shown to one caller.
struct Shown<'a> {
    inner: &'a Inner,
    server: &'a str,
    name: &'a str,
}

fn unlocked() -> Value {
    json!({ "deleteEnabled": true, "writeEnabled": true, "readEnabled": true, "listEnabled": true })
}

/// The sizes of everything that a manifest names, and of its config.
fn size(manifest: &Value) -> u64 {
    let sizes = |key: &str| {
        let parts = manifest[key].as_array().into_iter().flatten();
        parts.filter_map(|part| part["size"].as_u64()).fold(0, u64::saturating_add)
    };
    let config = manifest["config"]["size"].as_u64().unwrap_or(0);
    config.saturating_add(sizes("layers")).saturating_add(sizes("manifests"))
}

/// Newest first if the caller asks for it; otherwise the oldest or the given order.
fn sort(uri: &Uri, items: &mut [Value]) {
    let order = query(uri.query().unwrap_or_default()).remove("orderby").unwrap_or_default();
    let time = |item: &Value| item["lastUpdateTime"].as_str().unwrap_or_default().to_owned();
    match order.to_lowercase().as_str() {
        "timedesc" => items.sort_by_key(|item| std::cmp::Reverse(time(item))),
        "timeasc" => items.sort_by_key(time),
        _ => {}
    }
}

impl Shown<'_> {
    /// When something was pushed. Images of an earlier state folder have no times.
    fn times(&self, reference: &str) -> Times {
        let known = self.inner.store.read(|state| {
            state.registry.pushed.get(self.name).and_then(|known| known.get(reference)).cloned()
        });
        known.unwrap_or_else(|| {
            let at = self.inner.store.read(|state| state.registry.created_at.clone());
            Times { created_at: at.clone(), updated_at: at }
        })
    }

    fn tag(&self, tag: &str, digest: &Digest) -> Value {
        let times = self.times(tag);
        json!({
            "name": tag, "digest": digest, "createdTime": times.created_at,
            "lastUpdateTime": times.updated_at, "signed": false, "changeableAttributes": unlocked(),
        })
    }

    fn manifest(&self, manifest: &StoredManifest) -> Value {
        let value: Value = serde_json::from_slice(&manifest.bytes).unwrap_or_default();
        let times = self.times(manifest.digest.as_str());
        let tags = self.inner.images.tags(self.name);
        let tags = tags.into_iter().filter(|(_, digest)| *digest == manifest.digest);
        let config = self.config(&value);
        json!({
            "digest": manifest.digest,
            "imageSize": size(&value),
            "createdTime": times.created_at,
            "lastUpdateTime": times.updated_at,
            "architecture": config["architecture"],
            "os": config["os"],
            "mediaType": manifest.media_type,
            "configMediaType": value["config"]["mediaType"],
            "tags": tags.map(|(tag, _)| tag).collect::<Vec<_>>(),
            "changeableAttributes": unlocked(),
        })
    }

    fn config(&self, manifest: &Value) -> Value {
        let digest = manifest["config"]["digest"].as_str().and_then(|text| text.parse().ok());
        let file = digest.and_then(|digest: Digest| blob_file(self.inner, &digest));
        let is_small = |file: &std::path::PathBuf| {
            std::fs::metadata(file).is_ok_and(|found| found.len() <= CONFIG_BYTES_MAX)
        };
        let bytes = file.filter(is_small).and_then(|file| std::fs::read(file).ok());
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    fn stored(&self) -> Vec<StoredManifest> {
        let digests = self.inner.images.digests(self.name);
        let found = |digest: &Digest| self.inner.images.manifest(self.name, digest.as_str());
        digests.iter().filter_map(found).collect()
    }

    fn around(&self, key: &str, value: Value) -> Value {
        json!({ "registry": self.server, "imageName": self.name, key: value })
    }

    fn repository(&self) -> Value {
        let stored = self.stored();
        let times = stored.iter().map(|manifest| self.times(manifest.digest.as_str()));
        let times: Vec<Times> = times.collect();
        json!({
            "registry": self.server,
            "imageName": self.name,
            "createdTime": times.iter().map(|times| &times.created_at).min(),
            "lastUpdateTime": times.iter().map(|times| &times.updated_at).max(),
            "manifestCount": stored.len(),
            "tagCount": self.inner.images.tags(self.name).len(),
            "changeableAttributes": unlocked(),
        })
    }

    fn tags(&self, uri: &Uri) -> Reply {
        let wanted = query(uri.query().unwrap_or_default()).remove("digest");
        let tags = self.inner.images.tags(self.name).into_iter();
        let tags = tags
            .filter(|(_, digest)| wanted.as_ref().is_none_or(|wanted| wanted == digest.as_str()));
        let mut tags: Vec<Value> = tags.map(|(tag, digest)| self.tag(&tag, &digest)).collect();
        sort(uri, &mut tags);
        let name = |tag: &Value| tag["name"].as_str().unwrap_or_default().to_owned();
        let (page, last) = pages::part(uri, &tags, name)?;
        Ok(pages::answer(uri, self.around("tags", Value::Array(page)), last))
    }

    fn manifests(&self, uri: &Uri) -> Reply {
        let stored = self.stored();
        let mut all: Vec<Value> = stored.iter().map(|manifest| self.manifest(manifest)).collect();
        sort(uri, &mut all);
        let name = |manifest: &Value| manifest["digest"].as_str().unwrap_or_default().to_owned();
        let (page, last) = pages::part(uri, &all, name)?;
        Ok(pages::answer(uri, self.around("manifests", Value::Array(page)), last))
    }

    fn one_tag(&self, tag: &str) -> Reply {
        let tags = self.inner.images.tags(self.name);
        let found = tags.iter().find(|(name, _)| name == tag);
        let (tag, digest) = found.ok_or_else(|| {
            let text = format!("the specified tag does not exist: {tag}");
            Refusal::new(StatusCode::NOT_FOUND, "TAG_UNKNOWN", text)
        })?;
        Ok(Json(self.around("tag", self.tag(tag, digest))).into_response())
    }

    fn one_manifest(&self, digest: &str) -> Reply {
        let known = digest.parse::<Digest>().ok();
        let found = known.and_then(|digest| self.inner.images.manifest(self.name, digest.as_str()));
        let found = found.ok_or_else(|| Refusal::no_manifest(digest))?;
        Ok(Json(self.around("manifest", self.manifest(&found))).into_response())
    }

    fn remove_tag(&self, tag: &str) -> Reply {
        let removed = self.inner.images.remove(self.name, tag);
        if !removed.map_err(|error| Refusal::disk(&error))? {
            let text = format!("the specified tag does not exist: {tag}");
            return Err(Refusal::new(StatusCode::NOT_FOUND, "TAG_UNKNOWN", text));
        }
        forget(self.inner, self.name, tag);
        Ok(StatusCode::ACCEPTED.into_response())
    }
}
