//! Errors in Key Vault's format: `{"error":{"code","message","innererror":{"code"}}}`.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::protocol::call::set;
use crate::protocol::error::ArmError;
use crate::store::Unkept;

/// An error of a vault.
#[derive(Clone, Debug)]
pub struct Refused {
    pub status: StatusCode,
    code: &'static str,
    message: String,
    inner: Option<&'static str>,
    /// `WWW-Authenticate`
    challenge: Option<String>,
}

impl From<Unkept> for Refused {
    fn from(unkept: Unkept) -> Self {
        let error = ArmError::from(unkept);
        Self::new(error.status, "InternalServerError", error.message)
    }
}

impl Refused {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), inner: None, challenge: None }
    }

    pub fn inside(self, inner: &'static str) -> Self {
        Self { inner: Some(inner), ..self }
    }

    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadParameter", message)
    }

    pub fn method() -> Self {
        let text = "The request method is not supported here.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", text)
    }

    /// 404 for a secret or version.
    pub fn no_secret(what: &str) -> Self {
        let text = format!(
            "A secret with (name/id) {what} was not found in this key vault. If you recently deleted this secret you may \
             be able to recover it using the correct recovery command."
        );
        Self::new(StatusCode::NOT_FOUND, "SecretNotFound", text)
    }

    /// 401, which says where a token comes from, and for which resource.
    pub fn challenge(message: &str, authority: &str, has_token: bool) -> Self {
        let mut challenge =
            format!("Bearer authorization=\"{authority}\", resource=\"https://vault.azure.net\"");
        if has_token {
            challenge += ", error=\"invalid_token\"";
        }
        let error = Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message);
        Self { challenge: Some(challenge), ..error }
    }

    pub fn into_response(self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(inner) = self.inner {
            error["innererror"] = json!({ "code": inner });
        }
        let mut response = (self.status, axum::Json(json!({ "error": error }))).into_response();
        if let Some(challenge) = self.challenge {
            set(response.headers_mut(), header::WWW_AUTHENTICATE, &challenge);
        }
        response
    }
}
