//! The OCI distribution API: uploads of blobs, whole or in chunks, and manifests.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use images::Digest;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::oci::{Reply, blob_file};
use super::refusal::Refusal;
use crate::builds::running;
use crate::file_body::{self, Unreceived};
use crate::inner::Inner;
use crate::protocol::call::{query, set};
use crate::when;

/// The largest manifest (OCI distribution specification, "Pushing Manifests": at least 4 MiB).
const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The type of a manifest that names none.
const DEFAULT_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The largest blob.
const BLOB_BYTES_MAX: u64 = 10 * 1024 * 1024 * 1024;

/// A request about an upload of a blob.
#[derive(Clone, Copy)]
pub struct Upload<'a> {
    pub inner: &'a Arc<Inner>,
    /// The repository.
    pub name: &'a str,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
}

fn digest(text: &str) -> Result<Digest, Refusal> {
    text.parse().map_err(|error: images::DigestError| Refusal::bad_digest(&error.to_string()))
}

fn unreceived(error: Unreceived) -> Refusal {
    match error {
        Unreceived::TooLong => {
            let text = format!("a blob has at most {BLOB_BYTES_MAX} bytes");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", text)
        }
        Unreceived::Broken => {
            let text = "the body ended too early";
            Refusal::new(StatusCode::BAD_REQUEST, "BLOB_UPLOAD_INVALID", text)
        }
        Unreceived::Disk(error) => Refusal::disk(&error),
    }
}

/// The digest of a file, read in chunks. It blocks.
fn hashed(file: &Path) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    std::io::copy(&mut std::fs::File::open(file)?, &mut hash)?;
    Ok(format!("sha256:{}", hex::encode(hash.finalize())))
}

impl Upload<'_> {
    fn asked(&self, name: &str) -> Option<String> {
        query(self.uri.query().unwrap_or_default()).remove(name).filter(|value| !value.is_empty())
    }

    /// Begins, continues, ends or gives up an upload.
    pub async fn handle(&self, id: Option<&str>, method: &Method, body: Body) -> Reply {
        match (id, method) {
            (None, &Method::POST) => self.begin(body).await,
            (Some(id), &Method::PATCH) => {
                let mut upload = self.take(id)?;
                let outcome = self.receive(&mut upload, body).await;
                let length = upload.length;
                self.inner.running.put_back(id.to_owned(), upload);
                outcome?;
                Ok(self.open(StatusCode::ACCEPTED, id, length))
            }
            (Some(id), &Method::PUT) => {
                let mut upload = self.take(id)?;
                self.receive(&mut upload, body).await?;
                self.finish(&upload).await
            }
            (Some(id), &Method::GET) => {
                let upload = self.take(id)?;
                let length = upload.length;
                self.inner.running.put_back(id.to_owned(), upload);
                Ok(self.open(StatusCode::NO_CONTENT, id, length))
            }
            (Some(id), &Method::DELETE) => {
                self.take(id)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ => Err(Refusal::unsupported()),
        }
    }

    fn take(&self, id: &str) -> Result<running::Upload, Refusal> {
        self.inner.running.take(id, self.name).ok_or_else(|| {
            let text = "blob upload unknown to registry";
            Refusal::new(StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", text)
        })
    }

    async fn begin(&self, body: Body) -> Reply {
        if let Some(wanted) = self.asked("mount") {
            let wanted = digest(&wanted)?;
            if blob_file(self.inner, &wanted).is_some() {
                return Ok(self.created(&wanted));
            }
        }
        let opened =
            self.inner.running.open_upload(self.name).map_err(|error| Refusal::disk(&error))?;
        let Some((id, mut upload)) = opened else {
            let text = "too many uploads are open";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", text));
        };
        if self.asked("digest").is_some() {
            self.receive(&mut upload, body).await?;
            return self.finish(&upload).await;
        }
        self.inner.running.put_back(id.clone(), upload);
        Ok(self.open(StatusCode::ACCEPTED, &id, 0))
    }

    /// Appends a body, whose `Content-Range` must continue what is there.
    async fn receive(&self, upload: &mut running::Upload, body: Body) -> Result<(), Refusal> {
        let range = self.headers.get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
        let start = range.map(|range| {
            let range = range.trim_start_matches("bytes ").split('/').next().unwrap_or_default();
            range.split_once('-').and_then(|(from, _)| from.trim().parse::<u64>().ok())
        });
        if start.is_some_and(|start| start != Some(upload.length)) {
            let text = format!("the next chunk begins at byte {}", upload.length);
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            return Err(Refusal::new(status, "BLOB_UPLOAD_INVALID", text));
        }
        let left = BLOB_BYTES_MAX - upload.length;
        let received = file_body::receive(body, &upload.file, left).await;
        // A chunk that broke off has arrived in part, and the client asks how much did.
        let length = std::fs::metadata(&upload.file).map_err(|error| Refusal::disk(&error))?;
        upload.length = length.len().min(BLOB_BYTES_MAX);
        received.map(drop).map_err(unreceived)
    }

    async fn finish(&self, upload: &running::Upload) -> Reply {
        let wanted = self.asked("digest").unwrap_or_default();
        let wanted = digest(&wanted)?;
        let file = upload.file.clone();
        let found = tokio::task::spawn_blocking(move || hashed(&file)).await;
        let found = found.map_err(std::io::Error::other).and_then(|found| found);
        let found = found.map_err(|error| Refusal::disk(&error))?;
        if found != wanted.as_str() {
            let text = format!("the uploaded content has the digest {found}");
            return Err(Refusal::bad_digest(&text));
        }
        let added = self.inner.images.add_blob(&wanted, &upload.file);
        added.map_err(|error| Refusal::disk(&error))?;
        Ok(self.created(&wanted))
    }

    /// The answer for an open upload.
    fn open(&self, status: StatusCode, id: &str, length: u64) -> Response {
        let mut response = status.into_response();
        let headers = response.headers_mut();
        set(headers, header::LOCATION, &format!("/v2/{}/blobs/uploads/{id}", self.name));
        set(headers, header::RANGE, &format!("0-{}", length.saturating_sub(1)));
        set(headers, header::CONTENT_LENGTH, "0");
        set(headers, "docker-upload-uuid", id);
        response
    }

    fn created(&self, digest: &Digest) -> Response {
        created(&format!("/v2/{}/blobs/{digest}", self.name), digest)
    }
}

fn created(location: &str, digest: &Digest) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    set(response.headers_mut(), header::LOCATION, location);
    set(response.headers_mut(), header::CONTENT_LENGTH, "0");
    set(response.headers_mut(), "docker-content-digest", digest.as_str());
    response
}

/// `PUT /v2/{name}/manifests/{reference}`
pub async fn manifest(
    inner: &Arc<Inner>,
    headers: &HeaderMap,
    name: &str,
    reference: &str,
    body: Body,
) -> Reply {
    let invalid = |text: &str| Refusal::new(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", text);
    let bytes = axum::body::to_bytes(body, MANIFEST_BYTES_MAX).await.map_err(|_| {
        let text = format!("a manifest has at most {MANIFEST_BYTES_MAX} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", text)
    })?;
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|_| invalid("the manifest is not JSON"))?;
    let sent = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let named = value["mediaType"].as_str();
    let media_type = named.or(sent).unwrap_or_default();
    let is_known = media_type.starts_with("application/vnd.oci.image.")
        || media_type.starts_with("application/vnd.docker.distribution.manifest.");
    if value["schemaVersion"] != 2 || !is_known {
        return Err(invalid("the manifest must be an OCI or Docker manifest of schema version 2"));
    }
    // The type is kept nowhere else.
    if sent.is_some_and(|sent| sent != named.unwrap_or(DEFAULT_TYPE)) {
        return Err(invalid("the manifest's mediaType must be the Content-Type"));
    }
    check_parts(inner, name, &value)?;
    let tag = if let Ok(wanted) = reference.parse::<Digest>() {
        let found = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
        if found != wanted.as_str() {
            return Err(Refusal::bad_digest(&format!("the manifest has the digest {found}")));
        }
        None
    } else if images::is_tag(reference) {
        Some(reference)
    } else {
        let text = "the reference must be a tag or a digest";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "TAG_INVALID", text));
    };
    let stored = inner.images.add_manifest(name, &bytes).and_then(|digest| {
        tag.map_or(Ok(()), |tag| inner.images.tag(name, tag, &digest)).map(|()| digest)
    });
    let digest = stored.map_err(|error| Refusal::disk(&error))?;
    let now = when::arm(inner.clock.now());
    let noted =
        inner.store.write(|state| state.registry.note_push(name, tag, digest.as_str(), &now));
    if let Err(unkept) = noted {
        tracing::warn!(%unkept, "the time of a push is not kept");
    }
    Ok(created(&format!("/v2/{name}/manifests/{reference}"), &digest))
}

/// Refuses a manifest whose config, layers or manifests are not there.
fn check_parts(inner: &Inner, name: &str, manifest: &Value) -> Result<(), Refusal> {
    let list = |key: &str| manifest[key].as_array().cloned().unwrap_or_default();
    let unknown = |text: &Value| {
        let text = format!("manifest references an unknown part: {text}");
        Refusal::new(StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN", text)
    };
    let part = |of: &Value| of["digest"].as_str().and_then(|text| text.parse::<Digest>().ok());
    let blobs = list("layers");
    let config = Some(&manifest["config"]).filter(|config| config.is_object());
    for blob in config.into_iter().chain(&blobs) {
        let is_there = part(blob).is_some_and(|digest| blob_file(inner, &digest).is_some());
        // A foreign layer is at its URL and never here.
        if !is_there && blob["urls"].as_array().is_none_or(Vec::is_empty) {
            return Err(unknown(&blob["digest"]));
        }
    }
    for one in list("manifests") {
        let found = part(&one).and_then(|digest| inner.images.manifest(name, digest.as_str()));
        if found.is_none() {
            return Err(unknown(&one["digest"]));
        }
    }
    Ok(())
}
