//! Errors of requests to Azure, by what the caller can do about them.

use crate::outside::line;
use crate::outside::timely::TooLate;
use std::fmt::Display;
use std::time::Duration;

/// Why a request to Azure failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// 429.
    #[error("Azure is throttling requests{}", after(.retry_after))]
    Throttled { retry_after: Option<Duration> },
    /// 404.
    #[error("Azure cannot find the resource: {0}")]
    NotFound(String),
    /// 409: another change is in progress.
    #[error("Azure reports a conflict with another change: {0}")]
    Conflict(String),
    /// 401 or 403: the console's own identity lacks a permission.
    #[error(
        "Azure does not allow this to the console's identity: {0}. Check the identity's role assignment on the workspace"
    )]
    Denied(String),
    /// Any other 4xx.
    #[error("Azure rejected the request ({code}): {message}")]
    Rejected { code: String, message: String },
    /// No response, a 5xx, or a broken connection. Azure may have carried out the request.
    #[error("Azure is unavailable: {0}")]
    Unavailable(String),
    /// A response that violates Azure's API.
    #[error("Azure's response is invalid: {0}")]
    Garbled(String),
}

fn after(retry_after: &Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |after| format!("; retry after {} s", after.as_secs()))
}

impl Error {
    /// An invalid response. The description may quote the response, so it is reduced to one line.
    #[must_use]
    pub fn garbled(what: impl Display) -> Self {
        Self::Garbled(line::part(&what.to_string()))
    }

    /// Whether the error is temporary. Azure may then have carried out the request.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled { .. } | Self::Unavailable(_) | Self::Garbled(_))
    }
}

impl From<TooLate> for Error {
    fn from(late: TooLate) -> Self {
        Self::Unavailable(late.to_string())
    }
}
