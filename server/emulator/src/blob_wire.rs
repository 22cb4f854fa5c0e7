//! The blob store on the wire: `/blob/{account}/{container}/{blob}`, or a host name that starts with
//! `{account}.blob.`.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use uuid::Uuid;

use crate::blob::Metadata;
use crate::inner::Shared;
use crate::protocol::call::{decoded, query, set};
use crate::when;

const BLOB_BYTES_MAX: usize = 256 * 1024 * 1024;

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
    let Ok(bytes) = axum::body::to_bytes(body, BLOB_BYTES_MAX).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestBodyTooLarge");
    };
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
        (&Method::HEAD | &Method::GET, _) => call.get(parts.method == Method::HEAD),
        (&Method::PUT, "") => call.put(&bytes),
        (&Method::PUT, "metadata") => call.put_metadata(),
        (&Method::PUT, "block") => {
            inner.blobs.keep_block(&call.path, &asked("blockid"), bytes);
            done(StatusCode::CREATED)
        }
        (&Method::PUT, "blocklist") => call.put_blocks(&bytes),
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

    fn properties(&self, length: u64) -> Response {
        let modified = std::fs::metadata(&self.path).and_then(|m| m.modified());
        let modified = modified.map_or(time::OffsetDateTime::UNIX_EPOCH, Into::into);
        let etag = format!("\"0x{:X}\"", modified.unix_timestamp_nanos());
        let mut response = StatusCode::OK.into_response();
        let mut set = |name: &str, value: &str| set(response.headers_mut(), name, value);
        set("content-type", "application/octet-stream");
        set("content-length", &length.to_string());
        set("etag", &etag);
        set("last-modified", &when::http(modified));
        set("x-ms-blob-type", "BlockBlob");
        set("x-ms-creation-time", &when::http(modified));
        set("accept-ranges", "bytes");
        for (name, value) in self.inner.blobs.metadata(&self.path) {
            set(&format!("x-ms-meta-{name}"), &value);
        }
        response
    }

    fn get(&self, is_head: bool) -> Response {
        let length = match std::fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            _ => return refused(StatusCode::NOT_FOUND, "BlobNotFound"),
        };
        let mut response = self.properties(length);
        if is_head {
            return response;
        }
        let Ok(bytes) = std::fs::read(&self.path) else {
            return refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
        };
        let Some((from, to)) = self.range(bytes.len()) else {
            *response.body_mut() = Body::from(bytes);
            return response;
        };
        if from >= bytes.len() {
            return refused(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange");
        }
        let part = bytes[from..=to.min(bytes.len() - 1)].to_vec();
        let range = format!("bytes {from}-{}/{}", from + part.len() - 1, bytes.len());
        let length = part.len().to_string();
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        set(response.headers_mut(), header::CONTENT_RANGE, &range);
        set(response.headers_mut(), header::CONTENT_LENGTH, &length);
        *response.body_mut() = Body::from(part);
        response
    }

    fn range(&self, length: usize) -> Option<(usize, usize)> {
        let range = self.headers.get("x-ms-range").or_else(|| self.headers.get(header::RANGE))?;
        let (from, to) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
        let to = if to.is_empty() { length.saturating_sub(1) } else { to.parse().ok()? };
        let from: usize = from.parse().ok()?;
        (from <= to).then_some((from, to))
    }

    fn put(&self, bytes: &[u8]) -> Response {
        let wants_new = self.headers.get(header::IF_NONE_MATCH).is_some_and(|v| v == "*");
        if wants_new && self.path.exists() {
            return refused(StatusCode::CONFLICT, "BlobAlreadyExists");
        }
        self.write(bytes)
    }

    fn write(&self, bytes: &[u8]) -> Response {
        match self.inner.blobs.write(&self.path, bytes, &self.meta()) {
            Ok(()) => {
                let mut response = self.properties(0);
                *response.status_mut() = StatusCode::CREATED;
                response
            }
            Err(error) => {
                tracing::error!(%error, "cannot write a blob");
                refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
            }
        }
    }

    fn put_metadata(&self) -> Response {
        if !self.path.is_file() {
            return refused(StatusCode::NOT_FOUND, "BlobNotFound");
        }
        match self.inner.blobs.set_metadata(&self.path, &self.meta()) {
            Ok(()) => self.properties(0),
            Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
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
        match self.inner.blobs.join_blocks(&self.path, &ids) {
            Some(bytes) => self.write(&bytes),
            None => refused(StatusCode::BAD_REQUEST, "InvalidBlockList"),
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
