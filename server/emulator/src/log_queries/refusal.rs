//! Errors of the query API (Azure Monitor, "Log Analytics API errors"). Where the documentation has no text, the best guess.

use analytics::QueryError;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::entra::TokenFault;
use crate::logs::ask::Unanswered;

/// Why a request is not answered.
#[derive(Debug)]
pub enum Refusal {
    Token(TokenFault),
    Forbidden,
    NoPath,
    NoWorkspace,
    Method,
    TooLarge,
    Argument(String),
    Query(QueryError),
    Busy,
}

impl From<TokenFault> for Refusal {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

impl From<Unanswered> for Refusal {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Query(error) => Self::Query(error),
            Unanswered::Busy => Self::Busy,
            Unanswered::NoWorkspace => Self::NoWorkspace,
        }
    }
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Token(TokenFault::Missing) => StatusCode::UNAUTHORIZED,
            Self::Token(_) | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NoPath | Self::NoWorkspace => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Argument(_) => StatusCode::BAD_REQUEST,
            Self::Query(QueryError::TimedOut) => StatusCode::GATEWAY_TIMEOUT,
            Self::Query(QueryError::Store(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Query(_) => StatusCode::BAD_REQUEST,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// `{"error":{…}}`
    pub fn body(&self) -> Value {
        let plain = |code: &str, message: &str| json!({ "code": code, "message": message });
        let mut error = match self {
            Self::Token(TokenFault::Missing) => plain(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            ),
            Self::Token(TokenFault::Invalid) => {
                plain("InvalidAuthenticationToken", "The access token is invalid.")
            }
            Self::Token(TokenFault::Audience(audience)) => plain(
                "InvalidAuthenticationTokenAudience",
                &format!(
                    "The access token has been obtained from wrong audience or resource '{audience}'. It should exactly \
                     match with one of the allowed audiences 'https://api.loganalytics.io'."
                ),
            ),
            Self::Forbidden => plain(
                "InsufficientAccessError",
                "The provided credentials have insufficient access to perform the requested operation",
            ),
            Self::NoPath => plain("PathNotFoundError", "The requested path does not exist"),
            Self::NoWorkspace => {
                plain("WorkspaceNotFoundError", "The workspace could not be found")
            }
            Self::Method => {
                plain("MethodNotAllowed", "The path does not support this HTTP method.")
            }
            Self::TooLarge => plain("RequestTooLarge", "The request body is too large."),
            Self::Argument(message) => json!({
                "code": "BadArgumentError",
                "message": "The request had some invalid properties",
                "innererror": plain("InvalidArgument", message),
            }),
            Self::Query(error) => error.to_json(),
            Self::Busy => plain(
                "ThrottledError",
                "The rate of queries is over the limit. Try again after the time in 'Retry-After'.",
            ),
        };
        error["correlationId"] = json!(Uuid::new_v4());
        json!({ "error": error })
    }
}
