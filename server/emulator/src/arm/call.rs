//! One request to ARM, read once, and its answer.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request};
use serde_json::Value;
use uuid::Uuid;

use super::error::ArmError;
use crate::inner::Inner;

/// The header by which a test asks for what is there now.
const WITNESS: &str = "x-emulator-witness";

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path as sent.
    pub path: String,
    /// Its segments, percent-decoded.
    pub segments: Vec<String>,
    /// The query, names in lower case.
    pub query: BTreeMap<String, String>,
    /// `api-version`, empty when absent.
    pub api_version: String,
    /// Scheme and authority under which the caller reached the emulator.
    pub base: String,
    /// The body, read up to its limit.
    pub body: Bytes,
    /// Who calls; filled in by authentication.
    pub caller: String,
    client_request_id: Option<HeaderValue>,
    /// Whether a witness asks, who is answered what is there now, however stale other reads are.
    pub is_witness: bool,
}

/// Splits a query string; names come out in lower case, as ARM compares them.
pub fn query(text: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.to_lowercase(), value.into_owned()))
        .collect()
}

/// Percent-decodes one path segment.
pub fn decoded(segment: &str) -> String {
    // A `+` in a path is a plus: only the form encoding reads it as a space.
    let escaped = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

impl Call {
    /// Reads the head of a request.
    pub fn new(inner: &Inner, parts: &request::Parts) -> Self {
        let path = parts.uri.path().to_owned();
        let query = query(parts.uri.query().unwrap_or_default());
        Self {
            method: parts.method.clone(),
            segments: path.split('/').filter(|s| !s.is_empty()).map(decoded).collect(),
            api_version: query.get("api-version").cloned().unwrap_or_default(),
            base: inner.base(&parts.headers),
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

    /// The segment that follows `collection`, as it was sent.
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
        let invalid = |detail: String| {
            ArmError::arm(StatusCode::BAD_REQUEST, "InvalidRequestContent", detail)
        };
        match serde_json::from_slice(&self.body) {
            Ok(value @ Value::Object(_)) => Ok(value),
            Ok(_) => Err(invalid("The request content must be a JSON object.".to_owned())),
            Err(error) => {
                Err(invalid(format!("The request content was invalid and not JSON: {error}.")))
            }
        }
    }

    /// As [`Call::object`], but an empty body is an empty object.
    pub fn optional_object(&self) -> Result<Value, ArmError> {
        if self.body.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { self.object() }
    }

    /// Headers that every answer of ARM carries.
    pub fn stamp(&self, remaining: (&'static str, u32), headers: &mut HeaderMap) {
        let id = Uuid::new_v4().to_string();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
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

/// An answer that is not a refusal.
#[derive(Clone, Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
}

impl Answer {
    /// A status and a JSON body.
    pub fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    /// 200 with a body.
    pub fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// A status without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None }
    }

    /// Adds a header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    /// Adds headers.
    pub fn with_all(mut self, headers: Vec<(&'static str, String)>) -> Self {
        for (name, value) in headers {
            self = self.with(name, value);
        }
        self
    }

    /// To the wire.
    pub fn into_response(self) -> Response {
        let body = self.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        if self.status != StatusCode::NO_CONTENT {
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
