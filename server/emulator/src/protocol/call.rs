//! One request to ARM, read once, and its answer.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request};
use serde_json::Value;
use uuid::Uuid;

use super::error::ArmError;

/// The header with which a test reads the current state.
const WITNESS: &str = "x-emulator-witness";

#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    /// Its segments, percent-decoded.
    pub segments: Vec<String>,
    /// The query, with names in lower case.
    pub query: BTreeMap<String, String>,
    /// `api-version`, empty if absent.
    pub api_version: String,
    /// Scheme and authority with which the caller reached the emulator.
    pub base: String,
    /// The body, read up to its limit.
    pub body: Bytes,
    /// The caller; set by authentication.
    pub caller: String,
    client_request_id: Option<HeaderValue>,
    /// Whether a test asks as a witness. The answer then has the current state, even if other reads are
    /// stale.
    pub is_witness: bool,
}

/// Splits a query string. Names come out in lower case, as ARM ignores their case.
pub fn query(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.to_lowercase(), value.into_owned()))
        .collect()
}

/// Percent-decodes one path segment, in which a `+` is a plus sign.
pub fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Sets a header, unless its value is not allowed in one.
pub fn set(headers: &mut HeaderMap, name: impl TryInto<HeaderName>, value: &str) {
    if let (Ok(name), Ok(value)) = (name.try_into(), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

impl Call {
    /// Reads the head of a request, which reached the emulator at `base`.
    pub fn new(base: String, parts: &request::Parts) -> Self {
        let path = parts.uri.path().to_owned();
        let query = query(parts.uri.query().unwrap_or_default());
        Self {
            method: parts.method.clone(),
            segments: path.split('/').filter(|s| !s.is_empty()).map(decoded).collect(),
            api_version: query.get("api-version").cloned().unwrap_or_default(),
            base,
            path,
            query,
            body: Bytes::new(),
            caller: String::new(),
            client_request_id: parts.headers.get("x-ms-client-request-id").cloned(),
            is_witness: parts.headers.contains_key(WITNESS),
        }
    }

    /// The segments in lower case.
    pub fn lower(&self) -> Vec<String> {
        self.segments.iter().map(|segment| segment.to_lowercase()).collect()
    }

    /// The segment after `collection`, as it was sent.
    pub fn after(&self, collection: &str) -> String {
        self.segments
            .iter()
            .position(|segment| segment.eq_ignore_ascii_case(collection))
            .and_then(|at| self.segments.get(at + 1))
            .cloned()
            .unwrap_or_default()
    }

    /// Refuses other methods.
    pub fn only(&self, method: &Method, allow: &'static str) -> Result<(), ArmError> {
        if self.method == *method { Ok(()) } else { Err(ArmError::method(allow)) }
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Value, ArmError> {
        let detail = match serde_json::from_slice(&self.body) {
            Ok(value @ Value::Object(_)) => return Ok(value),
            Ok(_) => "The request content must be a JSON object.".to_owned(),
            Err(error) => format!("The request content was invalid and not JSON: {error}."),
        };
        Err(ArmError::arm(StatusCode::BAD_REQUEST, "InvalidRequestContent", detail))
    }

    /// Like [`Call::object`], but an empty body is an empty object.
    pub fn optional_object(&self) -> Result<Value, ArmError> {
        if self.body.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { self.object() }
    }

    /// Headers of every ARM answer.
    pub fn stamp(&self, remaining: (&'static str, u32), headers: &mut HeaderMap) {
        let id = Uuid::new_v4().to_string();
        let mut set = |name: &str, value: &str| set(headers, name, value);
        set("x-ms-request-id", &id);
        set("x-ms-correlation-request-id", &id);
        set("x-ms-routing-request-id", &format!("EMULATOR:{id}"));
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
        set("x-content-type-options", "nosniff");
        set("cache-control", "no-cache");
        set(remaining.0, &remaining.1.to_string());
        if let Some(id) = &self.client_request_id {
            headers.insert("x-ms-client-request-id", id.clone());
        }
    }
}

/// What a handler answers.
pub type Answered = Result<Answer, ArmError>;

/// A successful answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
}

impl Answer {
    pub fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    pub fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// The answer to a DELETE: 200, or 204 if there was nothing to delete.
    pub fn gone(was_there: bool) -> Self {
        Self::empty(if was_there { StatusCode::OK } else { StatusCode::NO_CONTENT })
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    pub fn with_all(mut self, headers: Vec<(&'static str, String)>) -> Self {
        for (name, value) in headers {
            self = self.with(name, value);
        }
        self
    }

    /// Converts the answer to HTTP.
    pub fn into_response(self) -> Response {
        let body = self.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        if self.status != StatusCode::NO_CONTENT {
            let json = "application/json; charset=utf-8";
            set(response.headers_mut(), header::CONTENT_TYPE, json);
        }
        for (name, value) in self.headers {
            set(response.headers_mut(), name, &value);
        }
        response
    }
}
