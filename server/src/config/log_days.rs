//! How long the logs of ended jobs are kept.

use crate::jobs::LOG_DAYS;
use serde::Deserialize;

/// Longest time, in days: ten years.
const DAYS_MAX: u32 = 3_650;

/// How long the logs of ended jobs are kept, in days from 1 to 3,650. Default: 90.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct LogDays(u32);

impl LogDays {
    /// The number of days.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for LogDays {
    fn default() -> Self {
        Self(LOG_DAYS)
    }
}

impl TryFrom<u32> for LogDays {
    type Error = String;

    fn try_from(days: u32) -> Result<Self, String> {
        match days {
            1..=DAYS_MAX => Ok(Self(days)),
            days => Err(format!("job_log_days: {days} is not between 1 and {DAYS_MAX}")),
        }
    }
}
