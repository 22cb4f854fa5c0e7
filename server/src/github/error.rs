//! What can go wrong between us and GitHub, by what one does about it.

use crate::outside::line;
use app::domain::timestamp::Timestamp;
use std::fmt::Display;

/// An answer of GitHub that is none, or not the one hoped for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The hour's requests are used up, or too many came at once.
    #[error("GitHub asks for fewer requests, and wants to be asked again at {}", .until.utc())]
    Limited {
        /// When GitHub may be asked again.
        until: Timestamp,
    },
    /// 401, or 403 that is no limit.
    #[error(
        "GitHub denied it to the console's token: {0}. Check the token and its access to the repository"
    )]
    Denied(String),
    /// 404: not there, or nothing that the token may see.
    #[error("GitHub says that it is not there, or that the console's token may not see it: {0}")]
    NotFound(String),
    /// Any other answer that is no success.
    #[error("GitHub refused it (HTTP {status}): {message}")]
    Rejected {
        /// The status.
        status: u16,
        /// GitHub's message.
        message: String,
    },
    /// A redirect that is not followed.
    #[error("GitHub redirects {0}. Check the repository's name and “api:” in the configuration")]
    Redirected(String),
    /// No answer, a 5xx, or a connection that broke.
    #[error("GitHub did not answer properly: {0}")]
    Unavailable(String),
    /// An answer that is not what GitHub's interface promises.
    #[error("GitHub's answer cannot be read: {0}")]
    Garbled(String),
    /// More bytes than were asked for.
    #[error("GitHub's answer has more than {bytes_max} bytes")]
    TooLarge {
        /// The most that was asked for.
        bytes_max: usize,
    },
}

impl Error {
    /// An answer that is not what it should be. What is said of it may hold parts of it: it is kept to one line.
    #[must_use]
    pub fn garbled(what: impl Display) -> Self {
        Self::Garbled(line::part(&what.to_string()))
    }
}
