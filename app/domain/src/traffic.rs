//! Measured traffic of an endpoint's deployments, minute by minute, as Azure Monitor stores it.
//!
//! Azure Monitor gives percentiles of one deployment's latency in one minute, and no histogram. So the p99 of one
//! deployment's minute is known, and the p99 of a longer period or of several deployments is not. For those, the
//! console computes the [minute p99](minute_p99_ms), which is another number.

use super::name::DeploymentName;
use super::route::Split;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// One minute of one deployment. `None` if Azure Monitor has no value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Minute {
    pub requests: Option<f32>,
    /// The requests among them that got a status of 400 or above.
    pub errors: Option<f32>,
    /// Azure Monitor's `RequestLatency_P50` of this minute, in milliseconds.
    pub p50_ms: Option<f32>,
    /// `RequestLatency_P95`, in milliseconds.
    pub p95_ms: Option<f32>,
    /// `RequestLatency_P99`, in milliseconds.
    pub p99_ms: Option<f32>,
}

/// One deployment's minutes, oldest first, aligned with [`Traffic::start`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub deployment: DeploymentName,
    pub minutes: Vec<Minute>,
}

impl Series {
    /// The requests of one minute.
    #[must_use]
    pub fn requests(&self, at: usize) -> Option<f32> {
        self.minutes.get(at)?.requests
    }
}

/// The number of minutes in the charts.
pub const WINDOW_MINUTES: usize = 30;

/// All deployments of an endpoint over the last [`WINDOW_MINUTES`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// When the first minute starts.
    pub start: Timestamp,
    pub series: Vec<Series>,
    /// Why the newest values may be missing, when reading them failed.
    pub trouble: Option<String>,
}

impl Traffic {
    /// The number of minutes. The last one is incomplete.
    #[must_use]
    pub fn minutes(&self) -> usize {
        self.series.iter().map(|series| series.minutes.len()).max().unwrap_or(0)
    }

    /// The minute to show by default: the newest complete one with measurements. The incomplete minute is the
    /// default only if there is no other, because its counts still grow.
    #[must_use]
    pub fn newest(&self) -> usize {
        let running = self.minutes().saturating_sub(1);
        let measured = |at: &usize| self.series.iter().any(|series| series.requests(*at).is_some());
        (0..running).rev().find(measured).unwrap_or(running)
    }

    /// The minute p99 of all live deployments together, in milliseconds, rounded up; see [`minute_p99_ms`]. `None` if
    /// no live traffic was measured, or if the newest values are missing.
    #[must_use]
    pub fn minute_p99_ms(&self, live: &Split) -> Option<u32> {
        if self.trouble.is_some() {
            return None;
        }
        let is_live = |series: &&Series| live.share(&series.deployment) > 0;
        let minutes = self.series.iter().filter(is_live).flat_map(|series| &series.minutes);
        minute_p99_ms(minutes).map(|p99| p99.ceil() as u32)
    }

    /// A deployment's minutes.
    #[must_use]
    pub fn of(&self, name: &DeploymentName) -> Option<&Series> {
        self.series.iter().find(|series| series.deployment == *name)
    }
}

/// What screens say below a minute p50 or minute p99.
pub const MINUTE_PERCENTILES: &str = "Minute p99: at least 90 % of the requests fell in minutes with this p99 or a \
                                      lower one. Minute p50: the same for 50 % and the median. Azure Monitor gives \
                                      percentiles of single minutes only, so these are not percentiles of all \
                                      requests.";

/// The minute p99, in milliseconds: the lowest one-minute p99 such that minutes with this p99 or a lower one had at
/// least 90 % of the requests. `None` if nothing was measured.
///
/// The minute p99 is not the p99 of all requests, which can be higher or lower and cannot be computed from percentiles
/// of minutes. These bounds hold for the minute p99 `x`:
///
/// * In minutes with a p99 of at most `x`, at most 1 % of the requests took longer than `x`. Therefore at most 10.9 %
///   of all requests did.
/// * If the p99 of every minute is at most `x`, at most 1 % of all requests took longer than `x`.
///
/// One slow minute with few requests does not change the minute p99.
#[must_use]
pub fn minute_p99_ms<'a>(minutes: impl IntoIterator<Item = &'a Minute>) -> Option<f32> {
    let measured = minutes.into_iter().filter_map(|minute| minute.p99_ms.zip(minute.requests));
    request_weighted(measured.collect(), 0.9)
}

/// The request-weighted quantile of values of minutes: the lowest value such that minutes with this value or a lower
/// one had at least `share` of the requests. Each minute is a value and its number of requests. `None` if nothing was
/// measured.
pub(super) fn request_weighted(minutes: Vec<(f32, f32)>, share: f32) -> Option<f32> {
    let is_measured = |(value, requests): &(f32, f32)| value.is_finite() && *requests > 0.0;
    let mut measured: Vec<_> = minutes.into_iter().filter(is_measured).collect();
    measured.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f32 = measured.iter().map(|(_, requests)| requests).sum();
    let mut seen = 0.0;
    for (value, requests) in measured {
        seen += requests;
        if seen >= all * share {
            return Some(value);
        }
    }
    None
}

/// Consecutive whole minutes of Azure Monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When the first minute starts.
    pub start: Timestamp,
    pub minutes: u16,
}

impl Period {
    /// The first minutes that start at `at` or later.
    #[must_use]
    pub fn after(at: Timestamp, minutes: u16) -> Self {
        let start = (at.0 + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS;
        Self { start: Timestamp(start), minutes }
    }

    /// The last minutes that are complete at `at`.
    #[must_use]
    pub fn before(at: Timestamp, minutes: u16) -> Self {
        let end = at.0.div_euclid(MINUTE_MS) * MINUTE_MS;
        Self { start: Timestamp(end - i64::from(minutes) * MINUTE_MS), minutes }
    }

    /// The period with one more minute before and one after.
    #[must_use]
    pub fn wider(self) -> Self {
        let minutes = self.minutes.saturating_add(2);
        Self { start: Timestamp(self.start.0 - MINUTE_MS), minutes }
    }

    /// When the last minute ends.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Timestamp(self.start.0 + i64::from(self.minutes) * MINUTE_MS)
    }
}

#[cfg(test)]
mod tests;
