//! Maps Azure and store errors to [`ConsoleError`], and logs each of them once, with its causes.

use crate::azure;
use crate::redact;
use crate::store::trouble::Trouble;
use app::error::ConsoleError;
use std::error::Error;

/// Maps an Azure error to the error on the screen.
#[must_use]
pub fn from_azure(error: &azure::Error) -> ConsoleError {
    tracing::warn!(%error, "azure");
    let message = redact::text(&format!("{error}."));
    match error {
        azure::Error::NotFound(_) => ConsoleError::NotFound(message),
        azure::Error::Conflict(_) => ConsoleError::Conflict(format!(
            "{message} Wait until the other change has ended, then try again."
        )),
        azure::Error::Denied(_) | azure::Error::Rejected { .. } => ConsoleError::Refused(message),
        azure::Error::Throttled { .. }
        | azure::Error::Unavailable(_)
        | azure::Error::Garbled(_) => {
            ConsoleError::Unavailable(format!("{message} Try again in a moment."))
        }
    }
}

/// Logs an internal error, and returns only its reference. Temporary trouble of the database is explained instead.
pub fn internal(what: &str, error: &(dyn Error + 'static)) -> ConsoleError {
    let reference = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
    let causes = chain(error);
    tracing::error!(reference, what, causes, "internal error");
    if let Some(trouble) = Trouble::behind(error) {
        return ConsoleError::Unavailable(trouble.to_string());
    }
    ConsoleError::Internal { reference }
}

/// Maps failures to internal errors.
pub trait OrInternal<T> {
    /// The value, or the error of [`internal`].
    fn or_internal(self, what: &str) -> Result<T, ConsoleError>;
}

impl<T, E: Error + 'static> OrInternal<T> for Result<T, E> {
    fn or_internal(self, what: &str) -> Result<T, ConsoleError> {
        self.map_err(|error| internal(what, &error))
    }
}

/// An error with its causes, for the log.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
