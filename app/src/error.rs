//! The one error that reaches a person, named by what the screen does about it.
//!
//! It can travel in a URL, so it never carries secrets or internal text.

use crate::domain::route_form::FieldProblem;
use crate::domain::spec::YamlProblem;
use crate::domain::text::shortened;
use crate::wire::JsonText;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::{Bytes, Encodes};
use serde::{Deserialize, Serialize};

/// Why the console did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ConsoleError {
    /// Nobody is signed in (any more).
    #[error(
        "You are not signed in, or your session has ended. Sign in again; nothing was changed."
    )]
    Unauthenticated,
    /// They lack the right.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The request itself is wrong.
    #[error("{message}")]
    Invalid {
        /// The field, when it is about one.
        field: Option<String>,
        /// What is wrong, which rule, what to do.
        message: String,
    },
    /// A YAML text is wrong.
    #[error("The YAML cannot be used: {}", first(.0))]
    Yaml(Vec<YamlProblem>),
    /// A guard forbids it, or Azure refused it.
    #[error("{0}")]
    Refused(String),
    /// What it was based on has changed.
    #[error("{0}")]
    Conflict(String),
    /// They ask for more than one person may have.
    #[error("{0}")]
    TooMany(String),
    /// Azure does not answer, or not usefully.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error(
        "Something went wrong inside Understudy; nothing was changed. If it happens again, give your administrator the reference {reference}."
    )]
    Internal {
        /// Finds the cause in the log.
        reference: String,
    },
}

fn first(problems: &[YamlProblem]) -> String {
    match problems.first() {
        Some(YamlProblem { line: Some(line), message, .. }) => format!("line {line}: {message}"),
        Some(YamlProblem { message, .. }) => message.clone(),
        None => "it is empty".to_owned(),
    }
}

impl ConsoleError {
    /// The HTTP status that says the same.
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

    /// A few words for a heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden(_) => "Not allowed",
            Self::NotFound(_) => "Not found",
            Self::Invalid { .. } => "Not valid",
            Self::Yaml(_) => "The YAML cannot be used",
            Self::Refused(_) => "Refused",
            Self::Conflict(_) => "Changed in the meantime",
            Self::TooMany(_) => "Too many at once",
            Self::Unavailable(_) => "Not available just now",
            Self::Internal { .. } => "Something went wrong",
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
                Self::Invalid { field: None, message: shortened(&message, 300) }
            }
            ServerFnErrorErr::MissingArg(name) => {
                Self::Invalid { message: format!("{name} is missing"), field: Some(name) }
            }
            ServerFnErrorErr::Request(_) => Self::Unavailable(
                "The console cannot be reached. Check your connection and try again.".to_owned(),
            ),
            _ => Self::Internal { reference: "none".to_owned() },
        }
    }

    /// Besides the body, the status: a server function would answer 500 to every error otherwise.
    fn ser(&self) -> Bytes {
        #[cfg(feature = "ssr")]
        answer_with(self.status());
        JsonText::encode(self).unwrap_or_default()
    }
}

/// Sets the status of the answer that is being made; outside a request it does nothing.
#[cfg(feature = "ssr")]
fn answer_with(status: u16) {
    use leptos::prelude::use_context;
    let wants_page = use_context::<http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(http::header::ACCEPT);
        accept.and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("text/html"))
    });
    // To a page's form leptos answers with a redirection, whose status must stand.
    if wants_page {
        return;
    }
    if let (Some(options), Ok(status)) =
        (use_context::<leptos_axum::ResponseOptions>(), http::StatusCode::from_u16(status))
    {
        options.set_status(status);
    }
}
