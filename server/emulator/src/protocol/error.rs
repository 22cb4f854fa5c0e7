//! Errors in ARM's format. Errors of the Azure ML front end have `additionalInfo`, those of ARM itself do
//! not. Some providers leave out `error`: see [`ArmError::flat`].

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::call::set;
use crate::store::Unkept;

#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ArmError {
    pub status: StatusCode,
    /// ARM's code, for example `UserError`.
    pub code: &'static str,
    /// The message for people.
    pub message: String,
    /// The inner code of the Azure ML front end; `None` for errors of ARM itself.
    inner: Option<&'static str>,
    allow: Option<&'static str>,
    is_flat: bool,
}

/// 500: a change that cannot be saved does not happen.
impl From<Unkept> for ArmError {
    fn from(unkept: Unkept) -> Self {
        let cause = std::error::Error::source(&unkept).map(ToString::to_string);
        tracing::error!(%unkept, ?cause, "cannot save a change, so the request is refused");
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
        Self::front_end(StatusCode::BAD_REQUEST, "BadArgument", message)
    }

    /// 409 of the Azure ML front end: the resource exists and cannot be changed.
    pub fn user_conflict(message: impl Into<String>) -> Self {
        Self::front_end(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 404 of the Azure ML front end: the resource is not in the workspace.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::front_end(StatusCode::NOT_FOUND, "NotFoundError", message)
    }

    fn front_end(status: StatusCode, inner: &'static str, message: impl Into<String>) -> Self {
        Self { inner: Some(inner), ..Self::arm(status, "UserError", message) }
    }

    /// 409: the request conflicts with the current state.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::arm(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 404 of ARM: the resource or path does not exist.
    pub fn no_resource(resource: &str, group: &str) -> Self {
        Self::arm(
            StatusCode::NOT_FOUND,
            "ResourceNotFound",
            format!("The Resource '{resource}' under resource group '{group}' was not found."),
        )
    }

    /// 405 with the allowed methods.
    pub fn method(allow: &'static str) -> Self {
        let message =
            format!("The resource does not support this HTTP method. It supports {allow}.");
        let error = Self::arm(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        Self { allow: Some(allow), ..error }
    }

    /// 401 without a valid bearer token.
    pub fn unauthenticated(message: &str) -> Self {
        Self::arm(StatusCode::UNAUTHORIZED, "AuthenticationFailed", message)
    }

    /// The same error in the format of diagnostic settings, action groups and metrics: `{"code","message"}`
    /// without `error` (azure-rest-api-specs, monitor, `ErrorResponse` of 2021-05-01-preview and of
    /// actionGroups 2023-01-01). Alert rules use ARM's format.
    pub fn flat(self) -> Self {
        Self { is_flat: true, ..self }
    }

    /// The body: `{"error":{…}}`, or flat.
    pub fn body(&self, location: &str, now: &str) -> Value {
        let detail = self.detail(location, now);
        if self.is_flat { detail } else { json!({ "error": detail }) }
    }

    /// The content of `error`, which the status of a failed operation also has.
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
            set(response.headers_mut(), header::WWW_AUTHENTICATE, &challenge);
        }
        if let Some(allow) = self.allow {
            set(response.headers_mut(), header::ALLOW, allow);
        }
        response
    }
}
