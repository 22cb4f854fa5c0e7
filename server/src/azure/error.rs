//! What can go wrong between us and Azure, by what one does about it.

use crate::outside::line;
use std::fmt::Display;
use std::time::Duration;

/// An answer of Azure that is none, or not the one hoped for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// 429: too many requests.
    #[error("Azure asks for fewer requests{}", after(.retry_after))]
    Throttled {
        /// When Azure wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// 404.
    #[error("Azure says that it is not there: {0}")]
    NotFound(String),
    /// 409: something else is going on.
    #[error("Azure refused because of another change: {0}")]
    Conflict(String),
    /// 401 or 403: the console's own identity lacks a right.
    #[error(
        "Azure denied it to the console's identity: {0}. Check its role assignment on the workspace"
    )]
    Denied(String),
    /// Any other 4xx.
    #[error("Azure refused it ({code}): {message}")]
    Rejected {
        /// Azure's error code.
        code: String,
        /// Azure's message.
        message: String,
    },
    /// No answer, a 5xx, or a connection that broke. The request may have been carried out.
    #[error("Azure did not answer properly: {0}")]
    Unavailable(String),
    /// An answer that is not what Azure's interface promises.
    #[error("Azure's answer cannot be read: {0}")]
    Garbled(String),
}

fn after(retry_after: &Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |after| format!(", again after {} s", after.as_secs()))
}

impl Error {
    /// An answer that is not what it should be. What is said of it may hold parts of it: it is kept to one line.
    #[must_use]
    pub fn garbled(what: impl Display) -> Self {
        Self::Garbled(line::part(&what.to_string()))
    }

    /// Whether asking again later may help; then the request may also have been carried out.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable(_) | Self::Garbled(_))
    }
}
