//! Refusals in ARM's shape. Errors of the Azure ML front end carry `additionalInfo`, those of ARM
//! itself do not (azure-wire.md §1 and §16.5). Some providers leave `error` out: see
//! [`ArmError::flat`].

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::store::Unkept;

/// One refusal, on its way to the wire.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ArmError {
    /// The HTTP status.
    pub status: StatusCode,
    /// ARM's code, for example `UserError`.
    pub code: &'static str,
    /// The sentence a person reads.
    pub message: String,
    /// The inner code of the Azure ML front end; `None` for errors of ARM itself.
    inner: Option<&'static str>,
    allow: Option<&'static str>,
    is_flat: bool,
}

/// 500: a change that cannot be kept is not made.
impl From<Unkept> for ArmError {
    fn from(unkept: Unkept) -> Self {
        let cause = std::error::Error::source(&unkept).map(ToString::to_string);
        tracing::error!(%unkept, ?cause, "a request was refused");
        let sentence = unkept.to_string();
        let message = format!("{}{}.", sentence[..1].to_uppercase(), &sentence[1..]);
        Self::arm(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
    }
}

impl ArmError {
    /// An error of ARM itself.
    pub fn arm(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), inner: None, allow: None, is_flat: false }
    }

    /// 400 of the Azure ML front end: the request breaks a rule.
    pub fn user(message: impl Into<String>) -> Self {
        let mut error = Self::arm(StatusCode::BAD_REQUEST, "UserError", message);
        error.inner = Some("BadArgument");
        error
    }

    /// 409 of the Azure ML front end: something that cannot be changed is there already.
    pub fn user_conflict(message: impl Into<String>) -> Self {
        let mut error = Self::arm(StatusCode::CONFLICT, "UserError", message);
        error.inner = Some("Conflict");
        error
    }

    /// 404 of the Azure ML front end: something inside a workspace is not there.
    pub fn not_found(message: impl Into<String>) -> Self {
        let mut error = Self::arm(StatusCode::NOT_FOUND, "UserError", message);
        error.inner = Some("NotFoundError");
        error
    }

    /// 409: the request contradicts the present state.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::arm(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 404 of ARM: no such resource or path.
    pub fn no_resource(resource: &str, group: &str) -> Self {
        Self::arm(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("The Resource '{resource}' under resource group '{group}' was not found."),
        )
    }

    /// 405 with the methods that would do.
    pub fn method(allow: &'static str) -> Self {
        let mut error = Self::arm(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            format!("The resource does not support this HTTP method. It supports {allow}."),
        );
        error.allow = Some(allow);
        error
    }

    /// 401 without a usable bearer token.
    pub fn unauthenticated(message: &str) -> Self {
        Self::arm(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message)
    }

    /// The same refusal as diagnostic settings, action groups and metrics word it:
    /// `{"code","message"}` without `error` (azure-rest-api-specs, monitor, `ErrorResponse` of
    /// 2021-05-01-preview and of actionGroups 2023-01-01). Alert rules answer in ARM's shape.
    pub fn flat(self) -> Self {
        Self { is_flat: true, ..self }
    }

    /// The body: `{"error":{…}}`, or flat.
    pub fn body(&self, location: &str, now: &str) -> Value {
        let detail = self.detail(location, now);
        if self.is_flat { detail } else { json!({ "error": detail }) }
    }

    /// The inside of `error`, which the status of a failed operation carries too.
    pub fn detail(&self, location: &str, now: &str) -> Value {
        let Some(inner) = self.inner else {
            return json!({ "code": self.code, "message": self.message });
        };
        let request = uuid::Uuid::new_v4().simple().to_string();
        json!({
            "code": self.code,
            "message": self.message,
            "target": null,
            "details": [],
            "additionalInfo": [
                { "type": "ComponentName", "info": { "value": "managementfrontend" } },
                { "type": "Correlation", "info": { "value": {
                    "operation": uuid::Uuid::new_v4().simple().to_string(),
                    "request": &request[..16],
                } } },
                { "type": "Environment", "info": { "value": location } },
                { "type": "Location", "info": { "value": location } },
                { "type": "Time", "info": { "value": now } },
                { "type": "InnerError",
                  "info": { "value": { "code": inner, "innerError": null } } },
            ],
        })
    }

    /// The whole answer.
    pub fn answer(&self, location: &str, now: &str, authority: &str) -> Response {
        let mut response = (self.status, axum::Json(self.body(location, now))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = format!(
                "Bearer authorization_uri=\"{authority}\", error=\"invalid_token\", \
                 error_description=\"{}\"",
                self.message.replace('"', "'")
            );
            if let Ok(value) = HeaderValue::from_str(&challenge) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
            }
        }
        if let Some(allow) = self.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}
