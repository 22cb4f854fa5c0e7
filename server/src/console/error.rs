//! Other people's errors to the one that reaches a person: logged once, here, with their cause.

use crate::azure;
use crate::redact;
use crate::store::trouble::Trouble;
use app::error::ConsoleError;
use std::error::Error;

/// What an error of Azure means on the screen.
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

/// A fault of ours: logged with a reference, of which the person sees only the reference; or the database's,
/// which passes, and is told in words.
pub fn internal(what: &str, error: &(dyn Error + 'static)) -> ConsoleError {
    let reference = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
    let causes = chain(error);
    tracing::error!(reference, what, causes, "internal error");
    if let Some(trouble) = Trouble::behind(error) {
        return ConsoleError::Unavailable(trouble.to_string());
    }
    ConsoleError::Internal { reference }
}

/// An error with its causes, for the log.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes.join(": ")
}
