//! Errors of requests to GitHub, by what the caller can do about them.

use crate::outside::line;
use domain::timestamp::Timestamp;
use std::fmt::Display;

/// Why a request to GitHub failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The hourly quota is used up, or too many requests came at once.
    #[error("GitHub is limiting the console's requests until {}", .until.utc())]
    Limited { until: Timestamp },
    /// 401, or 403 that is not a rate limit.
    #[error(
        "GitHub does not allow this to the console's token: {0}. Check the token and its access to the repository"
    )]
    Denied(String),
    /// 404: the resource does not exist or the token may not read it.
    #[error("GitHub cannot find the resource, or the console's token may not read it: {0}")]
    NotFound(String),
    /// Any other unsuccessful status.
    #[error("GitHub rejected the request (HTTP {status}): {message}")]
    Rejected { status: u16, message: String },
    /// A redirect that is not followed.
    #[error("GitHub redirects {0}. Check the repository's name and “api:” in the configuration")]
    Redirected(String),
    /// No response, a 5xx, or a broken connection.
    #[error("GitHub is unavailable: {0}")]
    Unavailable(String),
    /// A response that violates GitHub's API.
    #[error("GitHub's response is invalid: {0}")]
    Garbled(String),
    /// The response exceeds the caller's limit.
    #[error("GitHub's response has more than {bytes_max} bytes")]
    TooLarge { bytes_max: usize },
}

impl Error {
    /// An invalid response. The description may quote the response, so it is reduced to one line.
    #[must_use]
    pub fn garbled(what: impl Display) -> Self {
        Self::Garbled(line::part(&what.to_string()))
    }
}
