//! How long a read that contradicts what is known is not believed.
//!
//! Azure answers a GET from one of several replicas, and some learn late: after an operation has Succeeded it may
//! answer the former route for a while, 404 for what was just made, or 200 for what was just deleted, also by
//! turns. Microsoft's own `azd` waits up to 30 seconds for an endpoint's traffic to be as it was set
//! (Azure/azure-dev#3881, #4037); here it is twice that. So a read counts against what is known only once it has
//! been the same in a row of reads. They are counted, so that a clock that jumps changes nothing.

use std::time::Duration;
use tokio::time::Instant;

/// By default.
pub const TOTAL: Duration = Duration::from_secs(60);
/// Longest pause between two reads.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Shortest.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest that a person's request waits.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// How often, and with which pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    total: Duration,
    pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self::lasting(TOTAL)
    }
}

impl Patience {
    /// So long in all.
    #[must_use]
    pub fn lasting(total: Duration) -> Self {
        Self { total, pause: (total / 30).clamp(PAUSE_MIN, PAUSE_MAX) }
    }

    /// In all.
    #[must_use]
    pub fn total(self) -> Duration {
        self.total
    }

    /// How long after something was done what was there before may still be read, in milliseconds.
    #[must_use]
    pub fn late_ms(self) -> i64 {
        i64::try_from(self.total.max(TOTAL).as_millis()).unwrap_or(i64::MAX)
    }

    /// Between two reads.
    #[must_use]
    pub fn pause(self) -> Duration {
        self.pause
    }

    /// Reads that must say the same before they are believed.
    #[must_use]
    pub fn looks(self) -> u32 {
        let pauses = self.total.as_millis().div_ceil(self.pause.as_millis().max(1));
        u32::try_from(pauses).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How long a person's request waits for the same: people do not wait for a minute.
    #[must_use]
    pub fn of_request(self) -> Request {
        let lasts = self.total.min(REQUEST_MAX);
        Request { until: Instant::now() + lasts, lasts, pause: self.pause }
    }
}

/// A person's request that waits.
#[derive(Debug)]
pub struct Request {
    until: Instant,
    lasts: Duration,
    pause: Duration,
}

impl Request {
    /// Waits for another look; `false` when it has waited long enough.
    pub async fn again(&self) -> bool {
        let is_early = Instant::now() + self.pause <= self.until;
        if is_early {
            tokio::time::sleep(self.pause).await;
        }
        is_early
    }

    /// How long it waits at most, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self.lasts.as_secs() {
            0 | 1 => "a second".to_owned(),
            seconds => format!("{seconds} seconds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_counted_so_that_they_last_as_long_as_they_should() {
        for (ms, pause_ms, looks) in [
            (60_000, 2_000, 31),
            (30_000, 1_000, 31),
            (1_000, 50, 21),
            (10, 50, 2),
            (600_000, 2_000, 301),
        ] {
            let patience = Patience::lasting(Duration::from_millis(ms));
            let found = (patience.pause().as_millis(), patience.looks());
            assert_eq!(found, (pause_ms, looks), "{ms}");
        }
        assert_eq!(Patience::default().total(), TOTAL);
    }
}
