//! Answers and errors in GitHub's format.

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::store::Unkept;

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    link: Option<String>,
    location: Option<String>,
}

/// An error.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    /// The permission that the endpoint needs, as `x-accepted-github-permissions` names it.
    needs: Option<String>,
}

impl Answer {
    pub fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub fn json(status: StatusCode, body: &Value) -> Self {
        let content_type = "application/json; charset=utf-8";
        let body = body.to_string().into_bytes();
        Self { status, content_type, body, link: None, location: None }
    }

    /// A file's bytes.
    pub fn raw(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status: StatusCode::OK, content_type, body, link: None, location: None }
    }

    /// 301: the repository was renamed. The new URL contains the repository's id.
    pub fn moved(to: String) -> Self {
        let body = json!({
            "message": "Moved Permanently", "url": to,
            "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api",
        });
        Self { location: Some(to), ..Self::json(StatusCode::MOVED_PERMANENTLY, &body) }
    }

    /// 302: the content is at a URL that needs no token and works for a short time.
    pub fn found(to: String) -> Self {
        Self {
            status: StatusCode::FOUND,
            content_type: "text/html;charset=utf-8",
            body: Vec::new(),
            link: None,
            location: Some(to),
        }
    }

    /// 204.
    pub fn empty() -> Self {
        let content_type = "";
        Self {
            status: StatusCode::NO_CONTENT,
            content_type,
            body: vec![],
            link: None,
            location: None,
        }
    }

    /// Adds links to the neighbouring pages.
    pub fn with_link(mut self, link: Option<String>) -> Self {
        self.link = link;
        self
    }

    /// Converts it to HTTP; 304 without a body if the caller already has it.
    pub fn into_response(self, known: Option<&str>) -> Response {
        let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&self.body)));
        let has_it = self.status == StatusCode::OK && known.is_some_and(|known| lists(known, &tag));
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        if self.status == StatusCode::OK
            && let Ok(tag) = HeaderValue::from_str(&tag)
        {
            headers.insert(header::ETAG, tag);
            let keep = HeaderValue::from_static("private, max-age=60, s-maxage=60");
            headers.insert(header::CACHE_CONTROL, keep);
        }
        if let Some(link) = self.link.and_then(|link| HeaderValue::from_str(&link).ok()) {
            headers.insert(header::LINK, link);
        }
        if let Some(to) = self.location.and_then(|to| HeaderValue::from_str(&to).ok()) {
            headers.insert(header::LOCATION, to);
        }
        if has_it {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        if !self.content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        *response.status_mut() = self.status;
        *response.body_mut() = Body::from(self.body);
        response
    }
}

/// 500: a change that cannot be saved does not happen.
impl From<Unkept> for Refusal {
    fn from(unkept: Unkept) -> Self {
        let cause = std::error::Error::source(&unkept).map(ToString::to_string);
        tracing::error!(%unkept, ?cause, "cannot save a change of GitHub, so the request is refused");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("Server Error: {unkept}"))
    }
}

/// Whether an `If-None-Match` matches the tag. GitHub's tags are weak, and so is the comparison.
fn lists(known: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.split(',').any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

impl Refusal {
    /// With GitHub's message.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), needs: None }
    }

    /// Names the permission that the endpoint needs, for example `actions=write`.
    pub fn needing(mut self, permission: String) -> Self {
        self.needs = Some(permission);
        self
    }

    /// 404, which GitHub also returns to callers without access.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 422 with GitHub's message.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// Converts it to HTTP.
    pub fn into_response(self) -> Response {
        let body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": self.status.as_u16().to_string(),
        });
        let mut response = Answer::json(self.status, &body).into_response(None);
        if let Some(needs) = self.needs.and_then(|needs| HeaderValue::from_str(&needs).ok()) {
            response.headers_mut().insert("x-accepted-github-permissions", needs);
        }
        response
    }
}
