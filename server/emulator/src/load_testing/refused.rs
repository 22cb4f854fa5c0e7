//! Errors in the data plane's format, with their code in a header as well.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::protocol::call::set;
use crate::protocol::error::ArmError;
use crate::store::Unkept;

/// An error of the data plane.
#[derive(Clone, Debug)]
pub struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl From<Unkept> for Refused {
    fn from(unkept: Unkept) -> Self {
        let error = ArmError::from(unkept);
        Self::new(error.status, "InternalServerError", error.message)
    }
}

/// An error of the request itself.
impl From<ArmError> for Refused {
    fn from(error: ArmError) -> Self {
        Self::new(error.status, error.code, error.message)
    }
}

impl Refused {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A body that breaks a rule.
    pub fn body(rule: impl Into<String>) -> Self {
        Self::bad("InvalidRequestBody", rule)
    }

    pub fn quota(message: impl Into<String>) -> Self {
        Self::bad("QuotaExceeded", message)
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// The words are those of the service.
    pub fn no_test(id: &str) -> Self {
        let id = id.escape_default();
        let text = format!("Test couldn't find with given identifier {id}");
        Self::new(StatusCode::NOT_FOUND, "TestNotFound", text)
    }

    pub fn no_run(id: &str) -> Self {
        let id = id.escape_default();
        let text = format!("Test run couldn't find with given identifier {id}");
        Self::new(StatusCode::NOT_FOUND, "TestRunNotFound", text)
    }

    pub fn no_file(name: &str) -> Self {
        let text = format!("There is no file {}.", name.escape_default());
        Self::new(StatusCode::NOT_FOUND, "FileNotFound", text)
    }

    pub fn method() -> Self {
        let text = "The request method is not supported here.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", text)
    }

    /// The disk failed.
    pub fn disk(error: &std::io::Error) -> Self {
        tracing::error!(%error, "a file of a load test cannot be stored");
        let text = "The emulator cannot store the file. Make room on its disk, then try again.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", text)
    }

    pub fn into_response(self, authority: &str) -> Response {
        let error = json!({
            "code": self.code, "message": self.message, "target": null, "details": null,
        });
        let mut response = (self.status, axum::Json(json!({ "error": error }))).into_response();
        set(response.headers_mut(), "x-ms-error-code", self.code);
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge =
                format!("Bearer authorization_uri=\"{authority}\", error=\"invalid_token\"");
            set(response.headers_mut(), header::WWW_AUTHENTICATE, &challenge);
        }
        response
    }
}
