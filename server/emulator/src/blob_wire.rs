//! The blob store on the wire: `/blob/{account}/{container}/{blob}`, or a host name that starts with
//! `{account}.blob.`.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use uuid::Uuid;

use crate::blob::{About, Metadata};
use crate::file_body::{self, Part, Unreceived};
use crate::inner::Shared;
use crate::protocol::call::{decoded, query, set};
use crate::when;

/// The largest blob that one request can write (Azure Storage allows 5000 MiB).
const BLOB_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// The largest block, which is kept in memory until its list arrives.
const BLOCK_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Handles everything under `/blob/{account}`.
pub async fn handle(
    State(inner): State<Shared>,
    Path((_, rest)): Path<(String, String)>,
    request: Request,
) -> Response {
    serve(&inner, &rest, request).await
}

/// A path `{container}/{blob}` of any account.
pub async fn serve(inner: &Shared, rest: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (container, name) = rest.split_once('/').unwrap_or((rest, ""));
    let query = query(parts.uri.query().unwrap_or_default());
    let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default().to_owned();
    let Some(path) = inner.blobs.path(container, name) else {
        return refused(StatusCode::BAD_REQUEST, "InvalidUri");
    };
    let call = Blob { inner, path, headers: &parts.headers };
    let response = match (&parts.method, asked("comp").as_str()) {
        (&Method::GET, "list") => list(inner, container, &asked("prefix")),
        (&Method::GET | &Method::HEAD, _) if name.is_empty() => done(StatusCode::OK),
        (&Method::PUT, _) if name.is_empty() => done(StatusCode::CREATED),
        (&Method::HEAD | &Method::GET, _) => call.get(parts.method == Method::HEAD).await,
        (&Method::PUT, "") => call.put(body).await,
        (&Method::PUT, "metadata") => call.put_metadata(),
        (&Method::PUT, part @ ("block" | "blocklist")) => {
            let Ok(bytes) = axum::body::to_bytes(body, BLOCK_BYTES_MAX).await else {
                return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestBodyTooLarge");
            };
            if part == "blocklist" {
                call.put_blocks(&bytes)
            } else {
                inner.blobs.keep_block(&call.path, &asked("blockid"), bytes);
                done(StatusCode::CREATED)
            }
        }
        (&Method::DELETE, _) => call.delete(),
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "UnsupportedHttpVerb"),
    };
    stamped(response)
}

fn stamped(mut response: Response) -> Response {
    set(response.headers_mut(), "x-ms-request-id", &Uuid::new_v4().to_string());
    set(response.headers_mut(), "x-ms-version", "2021-08-06");
    response
}

fn done(status: StatusCode) -> Response {
    status.into_response()
}

/// Storage's errors are XML, with their code in a header.
fn refused(status: StatusCode, code: &'static str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code>\
         <Message>The request was refused: {code}.</Message></Error>"
    );
    let headers = [("x-ms-error-code", code), ("content-type", "application/xml")];
    (status, headers, body).into_response()
}

fn failed(error: &std::io::Error) -> Response {
    tracing::error!(%error, "a blob cannot be read or written");
    refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
}

struct Blob<'a> {
    inner: &'a Shared,
    path: std::path::PathBuf,
    headers: &'a HeaderMap,
}

impl Blob<'_> {
    fn meta(&self) -> Metadata {
        let named = self.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        named.collect()
    }

    /// The properties of the blob as headers, for an answer with a body of `length` bytes.
    fn properties(about: &About, length: u64) -> Response {
        let mut response = StatusCode::OK.into_response();
        let mut set = |name: &str, value: &str| set(response.headers_mut(), name, value);
        set("content-type", "application/octet-stream");
        set("content-length", &length.to_string());
        set("etag", &about.etag);
        set("last-modified", &when::http(about.modified));
        set("x-ms-blob-type", about.kind);
        set("x-ms-creation-time", &when::http(about.modified));
        set("accept-ranges", "bytes");
        for (name, value) in &about.metadata {
            set(&format!("x-ms-meta-{name}"), value);
        }
        response
    }

    /// Whether a condition of the request forbids the answer (RFC 9110 §13.1).
    fn unmet(&self, about: &About) -> Option<Response> {
        let named = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let is_it = |tag: &str| tag == "*" || tag == about.etag;
        if named(header::IF_MATCH).is_some_and(|tag| !is_it(tag)) {
            return Some(refused(StatusCode::PRECONDITION_FAILED, "ConditionNotMet"));
        }
        named(header::IF_NONE_MATCH).is_some_and(is_it).then(|| {
            let mut unchanged = Self::properties(about, 0);
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged
        })
    }

    async fn get(&self, is_head: bool) -> Response {
        let Some(about) = self.inner.blobs.about(&self.path) else {
            return refused(StatusCode::NOT_FOUND, "BlobNotFound");
        };
        if let Some(unmet) = self.unmet(&about) {
            return unmet;
        }
        if is_head {
            return Self::properties(&about, about.length);
        }
        let part = Part::asked(self.headers, about.length);
        let (from, length) = match part {
            Part::Whole => (0, about.length),
            Part::Range { from, length } => (from, length),
            Part::Beyond => {
                let mut beyond = refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange");
                let range = format!("bytes */{}", about.length);
                set(beyond.headers_mut(), header::CONTENT_RANGE, &range);
                return beyond;
            }
        };
        let mut response = Self::properties(&about, length);
        // Also if the range is the whole blob: clients of Azure Storage read its length from here.
        if matches!(part, Part::Range { .. }) {
            let range = format!("bytes {from}-{}/{}", from + length - 1, about.length);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            set(response.headers_mut(), header::CONTENT_RANGE, &range);
        }
        match file_body::read(&self.path, from, length).await {
            Ok(body) => *response.body_mut() = body,
            Err(error) => return failed(&error),
        }
        response
    }

    async fn put(&self, body: Body) -> Response {
        let wants_new = self.headers.get(header::IF_NONE_MATCH).is_some_and(|v| v == "*");
        if wants_new && self.path.exists() {
            return refused(StatusCode::CONFLICT, "BlobAlreadyExists");
        }
        let file = match self.inner.blobs.incoming() {
            Ok(file) => file,
            Err(error) => return failed(&error),
        };
        let received = file_body::receive(body, &file, BLOB_BYTES_MAX).await;
        let placed = match received {
            Ok(_) => self.inner.blobs.place(&file, &self.path, &self.meta()).map_err(Into::into),
            Err(error) => Err(error),
        };
        if placed.is_err() {
            // What arrived is useless.
            let _ = std::fs::remove_file(&file);
        }
        match placed {
            Ok(()) => self.created(),
            Err(Unreceived::TooLong) => {
                refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestBodyTooLarge")
            }
            Err(Unreceived::Broken) => refused(StatusCode::BAD_REQUEST, "IncompleteBody"),
            Err(Unreceived::Disk(error)) => failed(&error),
        }
    }

    fn created(&self) -> Response {
        let Some(about) = self.inner.blobs.about(&self.path) else {
            return refused(StatusCode::NOT_FOUND, "BlobNotFound");
        };
        let mut response = Self::properties(&about, 0);
        *response.status_mut() = StatusCode::CREATED;
        response
    }

    fn put_metadata(&self) -> Response {
        if !self.path.is_file() {
            return refused(StatusCode::NOT_FOUND, "BlobNotFound");
        }
        match self.inner.blobs.set_metadata(&self.path, &self.meta()) {
            Ok(()) => {
                let mut response = self.created();
                *response.status_mut() = StatusCode::OK;
                response
            }
            Err(error) => failed(&error),
        }
    }

    fn put_blocks(&self, xml: &[u8]) -> Response {
        let xml = String::from_utf8_lossy(xml);
        let ids: Vec<String> = ["<Latest>", "<Uncommitted>", "<Committed>"]
            .iter()
            .flat_map(|open| xml.split(open).skip(1))
            .filter_map(|rest| rest.split('<').next())
            .map(decoded)
            .collect();
        let Some(bytes) = self.inner.blobs.join_blocks(&self.path, &ids) else {
            return refused(StatusCode::BAD_REQUEST, "InvalidBlockList");
        };
        match self.inner.blobs.write(&self.path, &bytes, &self.meta()) {
            Ok(()) => self.created(),
            Err(error) => failed(&error),
        }
    }

    fn delete(&self) -> Response {
        match std::fs::remove_file(&self.path) {
            Ok(()) => done(StatusCode::ACCEPTED),
            Err(_) => refused(StatusCode::NOT_FOUND, "BlobNotFound"),
        }
    }
}

fn list(inner: &Shared, container: &str, prefix: &str) -> Response {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let blobs: String = inner
        .blobs
        .list(container, prefix)
        .iter()
        .map(|(name, length)| {
            format!(
                "<Blob><Name>{}</Name><Properties><Content-Length>{length}</Content-Length>\
                 <BlobType>BlockBlob</BlobType></Properties></Blob>",
                escape(name)
            )
        })
        .collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
         ContainerName=\"{}\"><Prefix>{}</Prefix><Blobs>{blobs}</Blobs><NextMarker />\
         </EnumerationResults>",
        escape(container),
        escape(prefix)
    );
    ([("content-type", "application/xml")], body).into_response()
}
