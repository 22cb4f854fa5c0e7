//! The OCI distribution API (specification 1.1): reading and deleting. [`super::push`] has what writes.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use images::Digest;
use serde_json::json;

use super::pages;
use super::push::{self, Upload};
use super::refusal::Refusal;
use super::tokens::{Need, admit};
use crate::file_body::{self, Part};
use crate::inner::{Inner, Shared};
use crate::protocol::call::{decoded, set};

/// What the answers of the API's own errors are.
pub type Reply = Result<Response, Refusal>;

/// What a path names.
#[derive(Debug, PartialEq)]
enum Place<'a> {
    Root,
    Catalog,
    Tags(&'a str),
    Manifest(&'a str, &'a str),
    Blob(&'a str, &'a str),
    /// A repository, and an upload unless it is about to begin.
    Upload(&'a str, Option<&'a str>),
}

/// Reads a path after `/v2/`. A repository's name has slashes, so the end of the path decides.
fn place(path: &str) -> Option<Place<'_>> {
    if path.is_empty() {
        return Some(Place::Root);
    }
    if path == "_catalog" {
        return Some(Place::Catalog);
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    if let Some(name) = path.strip_suffix("/tags/list") {
        return Some(Place::Tags(name));
    }
    if let Some(name) = path.strip_suffix("/blobs/uploads") {
        return Some(Place::Upload(name, None));
    }
    let (rest, last) = path.rsplit_once('/')?;
    if let Some(name) = rest.strip_suffix("/blobs/uploads") {
        return Some(Place::Upload(name, Some(last)));
    }
    if let Some(name) = rest.strip_suffix("/manifests") {
        return Some(Place::Manifest(name, last));
    }
    rest.strip_suffix("/blobs").map(|name| Place::Blob(name, last))
}

/// Handles everything under `/v2/`.
pub async fn handle(State(inner): State<Shared>, request: Request) -> Response {
    let mut response = answer(&inner, request).await.unwrap_or_else(IntoResponse::into_response);
    let headers = response.headers_mut();
    set(headers, "docker-distribution-api-version", "registry/2.0");
    set(headers, "x-ms-correlation-request-id", &uuid::Uuid::new_v4().to_string());
    response
}

async fn answer(inner: &Arc<Inner>, request: Request) -> Reply {
    let (parts, body) = request.into_parts();
    let (method, headers, uri) = (parts.method, parts.headers, parts.uri);
    let path = decoded(uri.path().trim_start_matches("/v2").trim_start_matches('/'));
    let unknown = || Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The path is not known.");
    let place = place(&path).ok_or_else(unknown)?;
    let is_reading = [Method::GET, Method::HEAD].contains(&method);
    admit(inner, &headers, need(&place, &method, is_reading))?;
    if let Place::Tags(name)
    | Place::Manifest(name, _)
    | Place::Blob(name, _)
    | Place::Upload(name, _) = place
        && !images::is_repository(name)
    {
        let text = "invalid repository name";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "NAME_INVALID", text));
    }
    let is_head = method == Method::HEAD;
    match (place, method) {
        (Place::Root, _) if is_reading => Ok(Json(json!({})).into_response()),
        (Place::Catalog, Method::GET) => catalog(inner, &uri),
        (Place::Tags(name), Method::GET) => tags(inner, &uri, name),
        (Place::Manifest(name, reference), _) if is_reading => {
            manifest(inner, name, reference, is_head)
        }
        (Place::Manifest(name, reference), Method::PUT) => {
            push::manifest(inner, &headers, name, reference, body).await
        }
        (Place::Manifest(name, reference), Method::DELETE) => remove(inner, name, reference),
        (Place::Blob(_, digest), _) if is_reading => blob(inner, &headers, digest, is_head).await,
        (Place::Upload(name, id), method) => {
            Upload { inner, name, uri: &uri, headers: &headers }.handle(id, &method, body).await
        }
        _ => Err(Refusal::unsupported()),
    }
}

fn need<'a>(place: &Place<'a>, method: &Method, is_reading: bool) -> Option<Need<'a>> {
    let name = match place {
        Place::Root => return None,
        Place::Catalog => {
            return Some(Need { kind: "registry", name: "catalog", actions: &["*"], asks: "*" });
        }
        Place::Tags(name) | Place::Manifest(name, _) => name,
        Place::Blob(name, _) | Place::Upload(name, _) => name,
    };
    let (actions, asks): (&'static [&'static str], _) = match *method {
        Method::DELETE if !matches!(place, Place::Upload(..)) => (&["delete"], "delete"),
        _ if is_reading && !matches!(place, Place::Upload(..)) => (&["pull"], "pull"),
        _ => (&["push"], "pull,push"),
    };
    Some(Need { kind: "repository", name, actions, asks })
}

fn catalog(inner: &Inner, uri: &Uri) -> Reply {
    let (page, last) = pages::part(uri, &inner.images.repositories(), Clone::clone)?;
    Ok(pages::answer(uri, json!({ "repositories": page }), last))
}

fn tags(inner: &Inner, uri: &Uri, name: &str) -> Reply {
    let tags: Vec<String> = inner.images.tags(name).into_iter().map(|(tag, _)| tag).collect();
    if tags.is_empty() && !inner.images.repositories().iter().any(|known| known == name) {
        return Err(Refusal::no_repository(name));
    }
    let (page, last) = pages::part(uri, &tags, Clone::clone)?;
    Ok(pages::answer(uri, json!({ "name": name, "tags": page }), last))
}

/// Whether a reference is a tag or a digest; nothing else reaches the store.
fn check_reference(reference: &str) -> Result<(), Refusal> {
    if reference.contains(':') {
        let digest = reference.parse::<Digest>().map(drop);
        return digest.map_err(|error| Refusal::bad_digest(&error.to_string()));
    }
    if images::is_tag(reference) {
        return Ok(());
    }
    Err(Refusal::no_manifest(reference))
}

fn manifest(inner: &Inner, name: &str, reference: &str, is_head: bool) -> Reply {
    check_reference(reference)?;
    let found = inner.images.manifest(name, reference);
    let found = found.ok_or_else(|| Refusal::no_manifest(reference))?;
    let length = found.bytes.len();
    let mut response = Response::new(if is_head { Body::empty() } else { found.bytes.into() });
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, &found.media_type);
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    set(headers, header::ETAG, &format!("\"{}\"", found.digest));
    set(headers, "docker-content-digest", found.digest.as_str());
    Ok(response)
}

fn remove(inner: &Inner, name: &str, reference: &str) -> Reply {
    check_reference(reference)?;
    let is_gone = inner.images.remove(name, reference).map_err(|error| Refusal::disk(&error))?;
    if !is_gone {
        return Err(Refusal::no_manifest(reference));
    }
    forget(inner, name, reference);
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Forgets when something was pushed that is gone.
pub fn forget(inner: &Inner, name: &str, reference: &str) {
    let left: Vec<String> = inner.images.tags(name).into_iter().map(|(tag, _)| tag).collect();
    let forgotten = inner.store.write(|state| {
        if let Some(known) = state.registry.pushed.get_mut(name) {
            known.remove(reference);
            known.retain(|key, _| key.contains(':') || left.contains(key));
        }
    });
    if let Err(unkept) = forgotten {
        tracing::warn!(%unkept, "the time of a push is not forgotten");
    }
}

/// A blob that exists.
pub fn blob_file(inner: &Inner, digest: &Digest) -> Option<PathBuf> {
    inner.images.blob(digest).filter(|path| path.is_file())
}

async fn blob(inner: &Inner, headers: &HeaderMap, digest: &str, is_head: bool) -> Reply {
    let digest: Digest =
        digest.parse().map_err(|e: images::DigestError| Refusal::bad_digest(&e.to_string()))?;
    let unknown = || {
        let text = format!("blob unknown to registry: {digest}");
        Refusal::new(StatusCode::NOT_FOUND, "BLOB_UNKNOWN", text)
    };
    let path = blob_file(inner, &digest).ok_or_else(unknown)?;
    let total = std::fs::metadata(&path).map_err(|error| Refusal::disk(&error))?.len();
    let part = if is_head { Part::Whole } else { Part::asked(headers, total) };
    let (from, length) = match part {
        Part::Whole => (0, total),
        Part::Range { from, length } => (from, length),
        Part::Beyond => {
            let text = "the range begins after the end of the blob";
            return Err(Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "RANGE_INVALID", text));
        }
    };
    let body = match is_head {
        true => Body::empty(),
        false => {
            let read = file_body::read(&path, from, length).await;
            read.map_err(|error| Refusal::disk(&error))?
        }
    };
    let mut response = Response::new(body);
    if matches!(part, Part::Range { .. }) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {from}-{}/{total}", from + length - 1);
        set(response.headers_mut(), header::CONTENT_RANGE, &range);
    }
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "application/octet-stream");
    set(headers, header::CONTENT_LENGTH, &length.to_string());
    set(headers, header::ACCEPT_RANGES, "bytes");
    set(headers, header::ETAG, &format!("\"{digest}\""));
    set(headers, "docker-content-digest", digest.as_str());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path_decides_what_it_names() {
        let check = |path: &str, expect: Option<Place<'_>>| {
            assert_eq!(place(path), expect, "{path}");
        };
        check("", Some(Place::Root));
        check("_catalog", Some(Place::Catalog));
        check("a/b/tags/list", Some(Place::Tags("a/b")));
        check("tags/list/tags/list", Some(Place::Tags("tags/list")));
        check("a/manifests/latest", Some(Place::Manifest("a", "latest")));
        check("a/b/blobs/sha256:1", Some(Place::Blob("a/b", "sha256:1")));
        check("a/blobs/uploads/", Some(Place::Upload("a", None)));
        check("a/blobs/uploads", Some(Place::Upload("a", None)));
        check("a/blobs/uploads/7", Some(Place::Upload("a", Some("7"))));
        check("a", None);
        check("manifests/latest", None);
    }
}
