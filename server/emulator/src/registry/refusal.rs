//! Errors of the registry's own host, in the shape of the OCI distribution specification ("Error codes").

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::protocol::call::set;

/// An error with its code and status.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// `WWW-Authenticate`
    challenge: Option<String>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), challenge: None }
    }

    pub fn no_repository(name: &str) -> Self {
        let text = format!("repository name not known to registry: {name}");
        Self::new(StatusCode::NOT_FOUND, "NAME_UNKNOWN", text)
    }

    pub fn no_manifest(reference: &str) -> Self {
        let text = format!("manifest tagged by \"{reference}\" is not found");
        Self::new(StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN", text)
    }

    pub fn bad_digest(text: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", text)
    }

    pub fn unsupported() -> Self {
        let text = "The operation is unsupported.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", text)
    }

    pub fn disk(error: &std::io::Error) -> Self {
        tracing::error!(%error, "the registry cannot read or write");
        let text = "The registry cannot read or write its storage.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", text)
    }

    /// 401, with the way to a token.
    pub fn unauthorized(challenge: String) -> Self {
        let text =
            "authentication required, visit https://aka.ms/acr/authorization for more information.";
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", text);
        Self { challenge: Some(challenge), ..refusal }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.code, "message": self.message, "detail": null });
        let body = axum::Json(json!({ "errors": [error] }));
        let mut response = (self.status, body).into_response();
        if let Some(challenge) = self.challenge {
            set(response.headers_mut(), header::WWW_AUTHENTICATE, &challenge);
        }
        response
    }
}
