//! What a load test reports while it runs, and at its end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::latencies::Latencies;
use crate::rows::ResultsFile;

/// The number of request names that are counted separately. Later ones count as [`OTHER`]: a locustfile that puts ids into
/// names would otherwise fill the memory.
pub(crate) const NAMES_MAX: usize = 500;
/// The number of kinds of failures that are counted separately for each name.
pub(crate) const FAILURES_MAX: usize = 50;
/// Stands for all further names or kinds of failures.
pub(crate) const OTHER: &str = "(others)";
/// The length of a name or of a kind of failure in characters; the rest is cut off.
pub(crate) const TEXT_CHARS_MAX: usize = 250;

/// Counts and latencies of some requests. Failed requests are included in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub count: u64,
    /// The number of failed requests by kind, for example `HTTP 503` or `connection refused`.
    pub failures: BTreeMap<String, u64>,
    /// Headers and bodies of the responses; bodies only for Locust.
    pub bytes_received: u64,
    /// Headers and bodies of the requests; 0 for Locust, which does not report it.
    pub bytes_sent: u64,
    pub latencies: Latencies,
}

impl Tally {
    /// The number of failed requests.
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// The share of failed requests in percent; 0 without requests.
    pub fn error_percent(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.failed() as f64 * 100.0 / self.count as f64 }
    }

    /// Adds other requests.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.bytes_received = self.bytes_received.saturating_add(other.bytes_received);
        self.bytes_sent = self.bytes_sent.saturating_add(other.bytes_sent);
        self.latencies.merge(&other.latencies);
        for (kind, count) in &other.failures {
            add_failure(&mut self.failures, kind, *count);
        }
    }
}

/// Counts failures of a kind, and of [`OTHER`] kinds once there are too many.
pub(crate) fn add_failure(failures: &mut BTreeMap<String, u64>, kind: &str, count: u64) {
    if let Some(known) = failures.get_mut(kind) {
        *known += count;
        return;
    }
    let kind = if failures.len() < FAILURES_MAX { kind } else { OTHER };
    *failures.entry(kind.to_owned()).or_default() += count;
}

/// The requests of one name that one engine completed within a second. A name that was seen once has a sample in every
/// later second, if need be with a count of 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Whole seconds from the start of the test to the beginning of this second. If a second is missing, the next one
    /// includes its requests.
    pub second: u32,
    /// The engine, from 0.
    pub engine: u32,
    pub name: String,
    /// The users that were active in the engine at the end of the second. For an open rate, the requests in flight.
    pub users: u32,
    pub tally: Tally,
}

/// Why a test ended. A failure of the test itself is a [`crate::LoadFailure`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ended {
    /// It ran to its end.
    Finished,
    /// The caller cancelled it.
    Cancelled,
    /// Too many requests failed.
    TooManyErrors {
        /// The share of failed requests in the window.
        percent: f64,
        window: Duration,
    },
    /// An engine had more users than allowed.
    TooManyUsers { engine: u32, users: u32 },
}

/// What happened, as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub ended: Ended,
    /// Unix time of the first second, in milliseconds of the caller's clock.
    pub started_at_ms: u64,
    /// From the first second to the last completed request.
    pub duration: Duration,
    /// The highest number of users that were active together.
    pub users_max: u32,
    pub total: Tally,
    pub by_name: BTreeMap<String, Tally>,
    /// One for each engine, if results were asked for.
    pub results: Vec<ResultsFile>,
    /// Samples that the caller's channel had no place for.
    pub samples_dropped: u64,
    /// The exit code that a locustfile chose for itself (`environment.process_exit_code`), if not 0.
    pub exit_code: Option<i32>,
}

impl Summary {
    /// Completed requests per second on average; 0 for a test without duration.
    pub fn requests_per_second(&self) -> f64 {
        let seconds = self.duration.as_secs_f64();
        if seconds > 0.0 { self.total.count as f64 / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_beyond_the_limit_count_as_others() {
        let mut tally = Tally::default();
        for kind in 0..FAILURES_MAX + 10 {
            add_failure(&mut tally.failures, &format!("kind {kind}"), 1);
        }
        add_failure(&mut tally.failures, "kind 0", 1);
        assert_eq!(tally.failures.len(), FAILURES_MAX + 1);
        assert_eq!((tally.failures[OTHER], tally.failures["kind 0"]), (10, 2));
        tally.count = 1_220;
        assert_eq!((tally.failed(), tally.error_percent()), (61, 5.0));
    }
}
