//! Why a step could not read or send, and whether to try again.

use crate::releases::source;
use crate::store::jobs::AppendError;
use crate::{azure, github};
use domain::job::{Event, TRIES_MAX};
use domain::timestamp::Timestamp;
use std::time::Duration;

/// The first pause before another try, in milliseconds.
const PAUSE_MS: i64 = 1_000;
/// Maximum pause between two tries if nobody suggests one, in milliseconds.
const BACKOFF_MS_MAX: i64 = 60_000;

/// Why a step could not read or send.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Azure(#[from] azure::Error),
    #[error("{0}")]
    GitHub(#[from] github::Error),
    #[error("{0}")]
    Source(#[from] source::Error),
    /// This machine's own trouble, such as a full disk.
    #[error("{0}")]
    Here(String),
    /// The other side refused a request for certain, for now.
    #[error("{0}")]
    Refused(Box<Self>),
    #[error(transparent)]
    Store(#[from] AppendError),
}

impl Error {
    /// The error of a request whose effect must happen once. A request that was refused can be sent again without a look
    /// for its effect.
    #[must_use]
    pub fn of_request(self) -> Self {
        match self {
            Self::Azure(azure::Error::Throttled { .. } | azure::Error::Conflict(_))
            | Self::GitHub(github::Error::Limited { .. }) => Self::Refused(Box::new(self)),
            error => error,
        }
    }

    /// Whether another try may succeed.
    fn is_passing(&self) -> bool {
        match self {
            Self::Azure(error) => error.is_passing() || matches!(error, azure::Error::Conflict(_)),
            Self::GitHub(error) => matches!(
                error,
                github::Error::Limited { .. }
                    | github::Error::Unavailable(_)
                    | github::Error::Garbled(_)
            ),
            Self::Source(error) => matches!(error, source::Error::Unreadable(_)),
            Self::Here(_) | Self::Store(_) | Self::Refused(_) => true,
        }
    }

    /// When to try again, if somebody asks for a certain time.
    fn asked(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Azure(azure::Error::Throttled { retry_after: Some(after) }) => {
                Some(Timestamp(now.0.saturating_add(ms(*after))))
            }
            Self::GitHub(github::Error::Limited { until }) => Some((*until).max(now)),
            Self::Refused(error) => error.asked(now),
            _ => None,
        }
    }

    /// The event after the error: another try, or the end of the step.
    #[must_use]
    pub fn event(&self, step: u32, tries: u32, now: Timestamp) -> Event {
        let said = self.to_string();
        let said = said.trim_end_matches('.');
        if !self.is_passing() {
            return Event::StepFailed { step, message: format!("{said}.") };
        }
        if tries >= TRIES_MAX {
            let message = format!(
                "{TRIES_MAX} tries failed in a row ({said}). When the cause is gone, start the build again."
            );
            return Event::StepFailed { step, message };
        }
        let backoff = (PAUSE_MS << tries.min(6)).min(BACKOFF_MS_MAX);
        let due = self.asked(now).unwrap_or(Timestamp(now.0.saturating_add(backoff)));
        let due = Timestamp(due.0.min(now.0.saturating_add(crate::durable::engine::DUE_MS_MAX)));
        let refused = matches!(self, Self::Refused(_));
        Event::RetryScheduled {
            step,
            error: format!("{said}. The console tries again."),
            due,
            refused,
        }
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
