//! Repeats reads that contradict the known state before the console accepts them.
//!
//! Azure answers a GET from one of several replicas, and some lag behind. After a successful operation, reads may
//! return the previous traffic split, 404 for a created resource or 200 for a deleted one, and may alternate.
//! Microsoft's `azd` waits up to 30 seconds for an endpoint's traffic (Azure/azure-dev#3881, #4037); the console waits
//! twice as long. It accepts a contradicting read only after a series of identical reads. Reads are counted instead of
//! timed, so that a clock that jumps has no effect.

use std::time::Duration;
use tokio::time::Instant;

/// Default length of the series.
pub const TOTAL: Duration = Duration::from_secs(60);
/// Longest pause between two reads.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Shortest pause between two reads.
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// Longest that a person's request waits.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// How often contradicting reads are repeated, and with which pauses.
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
    /// Repeats reads for `total`.
    #[must_use]
    pub fn lasting(total: Duration) -> Self {
        Self { total, pause: (total / 30).clamp(PAUSE_MIN, PAUSE_MAX) }
    }

    /// The length of the series.
    #[must_use]
    pub fn total(self) -> Duration {
        self.total
    }

    /// How long after a change reads may still return the previous state, in milliseconds.
    #[must_use]
    pub fn late_ms(self) -> i64 {
        i64::try_from(self.total.max(TOTAL).as_millis()).unwrap_or(i64::MAX)
    }

    /// The pause between two reads.
    #[must_use]
    pub fn pause(self) -> Duration {
        self.pause
    }

    /// The number of identical reads after which the console accepts them.
    #[must_use]
    pub fn looks(self) -> u32 {
        let pauses = self.total.as_millis().div_ceil(self.pause.as_millis().max(1));
        u32::try_from(pauses).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// A shorter series for a person's request, because people do not wait for a minute.
    #[must_use]
    pub fn of_request(self) -> Request {
        let lasts = self.total.min(REQUEST_MAX);
        Request { until: Instant::now() + lasts, lasts, pause: self.pause }
    }
}

/// A series of reads within a person's request.
#[derive(Debug)]
pub struct Request {
    until: Instant,
    lasts: Duration,
    pause: Duration,
}

impl Request {
    /// Waits before another read; `false` if the series is over.
    pub async fn again(&self) -> bool {
        let is_early = Instant::now() + self.pause <= self.until;
        if is_early {
            tokio::time::sleep(self.pause).await;
        }
        is_early
    }

    /// The longest wait, in words.
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
    fn the_number_of_reads_fits_the_total_time() {
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
