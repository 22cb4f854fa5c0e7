//! One request: its path below a repository, its query, and its accepted media type.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use serde_json::Value;
use url::form_urlencoded;

use super::answer::{Answer, Refusal};
use crate::protocol::call::decoded;

/// The default number of items on a page.
const PAGE_ITEMS_DEFAULT: usize = 30;
/// The highest number of items on a page.
const PAGE_ITEMS_MAX: usize = 100;

/// The media type that the caller accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON, as documented.
    Json,
    /// A file's bytes.
    Raw,
    /// JSON in one shape for all kinds of content.
    Object,
    /// Only a commit's hash.
    Sha,
}

#[derive(Clone, Debug)]
pub struct Call {
    /// The method; HEAD is treated as GET.
    pub method: Method,
    /// The path's segments after the API's root, decoded.
    pub segments: Vec<String>,
    pub query: BTreeMap<String, String>,
    pub media: Media,
    /// The URL of the API's root, as this caller reaches it.
    pub root: String,
    pub body: Bytes,
}

fn media(headers: &HeaderMap) -> Media {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let accept = accept.unwrap_or_default();
    let wants = |word: &str| {
        accept.split(',').map(str::trim).any(|one| {
            let one = one.split(';').next().unwrap_or_default().trim_end();
            let Some(name) = one.strip_prefix("application/vnd.github.") else { return false };
            name.trim_start_matches("v3.").split('+').next() == Some(word)
        })
    };
    match () {
        () if wants("raw") => Media::Raw,
        () if wants("object") => Media::Object,
        () if wants("sha") => Media::Sha,
        () => Media::Json,
    }
}

impl Call {
    /// Reads a request whose path starts with `prefix`.
    pub fn new(parts: &Parts, prefix: &str, base: &str, body: Bytes) -> Self {
        let path = parts.uri.path().strip_prefix(prefix).unwrap_or_default();
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(decoded);
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: match parts.method {
                Method::HEAD => Method::GET,
                ref method => method.clone(),
            },
            segments: segments.collect(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            media: media(&parts.headers),
            root: format!("{base}{prefix}"),
            body,
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, Refusal> {
        let refused = || Refusal::new(http::StatusCode::BAD_REQUEST, "Problems parsing JSON");
        serde_json::from_slice(&self.body).map_err(|_| refused())
    }

    fn number(&self, name: &str, default: usize) -> usize {
        // GitHub uses the default for a value that it cannot parse.
        let given = self.query.get(name).and_then(|text| text.parse().ok());
        given.filter(|number| *number > 0).unwrap_or(default)
    }

    /// One page of `items`, with links to the neighbouring pages.
    pub fn page(&self, items: Vec<Value>) -> Answer {
        let (shown, links) = self.cut(items);
        Answer::ok(&Value::Array(shown)).with_link(links)
    }

    /// One page of `items` in an object with their number, as Actions answers.
    pub fn counted_page(&self, name: &str, items: Vec<Value>) -> Answer {
        let total = items.len();
        let (shown, links) = self.cut(items);
        let body = serde_json::json!({ "total_count": total, name: shown });
        Answer::ok(&body).with_link(links)
    }

    fn cut<T>(&self, items: Vec<T>) -> (Vec<T>, Option<String>) {
        let size = self.number("per_page", PAGE_ITEMS_DEFAULT).min(PAGE_ITEMS_MAX);
        let last = items.len().div_ceil(size).max(1);
        let page = self.number("page", 1);
        let start = (page - 1).saturating_mul(size);
        let shown = items.into_iter().skip(start).take(size).collect();
        let mut links = Vec::new();
        if page > 1 {
            links.push(self.link("prev", (page - 1).min(last)));
        }
        if page < last {
            links.push(self.link("next", page + 1));
            links.push(self.link("last", last));
        }
        if page > 1 {
            links.push(self.link("first", 1));
        }
        (shown, (!links.is_empty()).then(|| links.join(", ")))
    }

    fn link(&self, relation: &str, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.query.iter().filter(|(name, _)| *name != "page") {
            query.append_pair(name, value);
        }
        query.append_pair("page", &page.to_string());
        let path = self.segments.join("/");
        format!("<{}/{path}?{}>; rel=\"{relation}\"", self.root, query.finish())
    }
}
