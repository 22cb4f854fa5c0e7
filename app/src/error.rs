//! The one error type that people see; each variant has its own HTTP status and title.
//!
//! Errors can end up in URLs, so they never contain secrets or internal details.

use crate::wire::JsonText;
use domain::route_form::FieldProblem;
use domain::spec::YamlProblem;
use domain::text::shortened;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{Bytes, Encodes};
use serde::{Deserialize, Serialize};

/// Why the console did not fulfill a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConsoleError {
    #[error(
        "You are not signed in, or your session has ended. Nothing was changed. Sign in again."
    )]
    Unauthenticated,
    #[error("{0}")]
    Forbidden(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{message}")]
    Invalid {
        field: Option<String>,
        /// What is invalid, the rule, and what to do.
        message: String,
    },
    #[error("The YAML is invalid: {}", first(.0))]
    Yaml(Vec<YamlProblem>),
    /// A guard blocks the request, or Azure rejected it.
    #[error("{0}")]
    Refused(String),
    /// The state that the request was based on has changed.
    #[error("{0}")]
    Conflict(String),
    /// The person exceeds a per-person limit.
    #[error("{0}")]
    TooMany(String),
    /// Azure or the database does not respond, or not usefully.
    #[error("{0}")]
    Unavailable(String),
    #[error(
        "An internal error occurred. Nothing was changed. If it happens again, give your administrator the reference {reference}."
    )]
    Internal {
        /// The reference under which the log has the cause.
        reference: String,
    },
}

fn first(problems: &[YamlProblem]) -> String {
    match problems.first() {
        Some(YamlProblem { line: Some(line), message, .. }) => format!("line {line}: {message}"),
        Some(YamlProblem { message, .. }) => message.clone(),
        None => "the YAML is empty".to_owned(),
    }
}

impl ConsoleError {
    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::Invalid { .. } | Self::Yaml(_) | Self::Refused(_) => 422,
            Self::Conflict(_) => 409,
            Self::TooMany(_) => 429,
            Self::Unavailable(_) => 503,
            Self::Internal { .. } => 500,
        }
    }

    /// A short title for a heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden(_) => "Not allowed",
            Self::NotFound(_) => "Not found",
            Self::Invalid { .. } => "Invalid input",
            Self::Yaml(_) => "Invalid YAML",
            Self::Refused(_) => "Rejected",
            Self::Conflict(_) => "Changed in the meantime",
            Self::TooMany(_) => "Too many requests",
            Self::Unavailable(_) => "Temporarily unavailable",
            Self::Internal { .. } => "Internal error",
        }
    }
}

impl From<Vec<FieldProblem>> for ConsoleError {
    fn from(problems: Vec<FieldProblem>) -> Self {
        let field = problems.first().map(|problem| problem.field.clone());
        let messages: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
        Self::Invalid { field, message: messages.join(" ") }
    }
}

impl FromServerFnError for ConsoleError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(message) | ServerFnErrorErr::Deserialization(message) => {
                let message = format!(
                    "The console cannot read this request: {}. Nothing was changed. Reload the page and try again.",
                    shortened(&message, 300)
                );
                Self::Invalid { field: None, message }
            }
            ServerFnErrorErr::MissingArg(name) => {
                Self::Invalid { message: format!("{name} is missing."), field: Some(name) }
            }
            ServerFnErrorErr::Request(_) => Self::Unavailable(
                "The console cannot be reached. Check your connection and try again.".to_owned(),
            ),
            _ => Self::Internal { reference: "none".to_owned() },
        }
    }

    /// Also sets the status: otherwise server functions respond with 500 to every error.
    fn ser(&self) -> Bytes {
        #[cfg(feature = "ssr")]
        answer_with(self.status());
        JsonText::encode(self).unwrap_or_default()
    }
}

/// Sets the status of the current response; does nothing outside a request.
#[cfg(feature = "ssr")]
fn answer_with(status: u16) {
    use leptos::prelude::use_context;
    let wants_page = use_context::<http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(http::header::ACCEPT);
        accept.and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("text/html"))
    });
    // leptos answers a page's form with a redirect, which must keep its status.
    if wants_page {
        return;
    }
    if let (Some(options), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        options.set_status(status);
    }
}
