//! What a load test measures: metrics and their aggregates, as Azure Load Testing has them.

use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An aggregate of the times of all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    Avg,
    Min,
    Max,
    P50,
    P75,
    P90,
    P95,
    P96,
    P97,
    P98,
    P99,
    P999,
    P9999,
}

vocabulary!(
    Aggregate:
    /// All aggregates (Azure Load Testing: define fail criteria, supported client metrics).
    ALL,
    /// The word in criteria and in the service's bodies.
    word,
    /// The name on screens.
    label,
    Avg = "avg", "Average";
    Min = "min", "Minimum";
    Max = "max", "Maximum";
    P50 = "p50", "Median";
    P75 = "p75", "75th percentile";
    P90 = "p90", "90th percentile";
    P95 = "p95", "95th percentile";
    P96 = "p96", "96th percentile";
    P97 = "p97", "97th percentile";
    P98 = "p98", "98th percentile";
    P99 = "p99", "99th percentile";
    P999 = "p99.9", "99.9th percentile";
    P9999 = "p99.99", "99.99th percentile";
);

impl Aggregate {
    /// The aggregate with this word. Files also spell `p999` and `p9999`; people write `median`, `mean` and `average`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "p999" => Some(Self::P999),
            "p9999" => Some(Self::P9999),
            "median" => Some(Self::P50),
            "mean" | "average" => Some(Self::Avg),
            word => Self::ALL.into_iter().find(|one| one.word() == word),
        }
    }

    /// The fewest requests of which the aggregate says something: for a percentile, as many as leave one beyond it. With
    /// fewer, it is only the slowest request.
    #[must_use]
    pub fn requests_min(self) -> u64 {
        match self {
            Self::Avg | Self::Min | Self::Max => 1,
            Self::P50 => 2,
            Self::P75 => 4,
            Self::P90 => 10,
            Self::P95 => 20,
            Self::P96 => 25,
            Self::P97 => 34,
            Self::P98 => 50,
            Self::P99 => 100,
            Self::P999 => 1_000,
            Self::P9999 => 10_000,
        }
    }
}

/// One measured number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Time from sending a request to the last byte of the answer, in milliseconds (`response_time_ms`).
    Response(Aggregate),
    /// Time from sending a request to the first byte of the answer, in milliseconds (`latency`).
    Latency(Aggregate),
    /// Failed requests in percent (`error`).
    Errors,
    /// Requests per second over the whole run (`requests_per_sec`).
    Rate,
    /// The number of requests (`requests`).
    Requests,
}

impl Measure {
    /// Whether less is better: times and errors.
    #[must_use]
    pub fn is_cost(self) -> bool {
        matches!(self, Self::Response(_) | Self::Latency(_) | Self::Errors)
    }

    /// The unit after a number, with a space where one belongs.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Response(_) | Self::Latency(_) => " ms",
            Self::Errors => " %",
            Self::Rate => "/s",
            Self::Requests => "",
        }
    }

    /// The fewest requests of which the measure says something; 0 for the number of requests itself.
    #[must_use]
    pub fn requests_min(self) -> u64 {
        match self {
            Self::Response(aggregate) | Self::Latency(aggregate) => aggregate.requests_min(),
            Self::Errors | Self::Rate => 1,
            Self::Requests => 0,
        }
    }
}

impl fmt::Display for Measure {
    /// As in criteria: `p95`, `p95 latency`, `errors`, `requests/s`, `requests`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(aggregate) => f.write_str(aggregate.word()),
            Self::Latency(aggregate) => write!(f, "{} latency", aggregate.word()),
            Self::Errors => f.write_str("errors"),
            Self::Rate => f.write_str("requests/s"),
            Self::Requests => f.write_str("requests"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_aggregate_is_found_by_its_words() {
        for aggregate in Aggregate::ALL {
            assert_eq!(Aggregate::from_word(aggregate.word()), Some(aggregate));
        }
        assert_eq!(Aggregate::from_word("p9999"), Some(Aggregate::P9999));
        assert_eq!(Aggregate::from_word("p94"), None);
    }

    #[test]
    fn a_higher_percentile_needs_more_requests() {
        let needed: Vec<_> = Aggregate::ALL[3..].iter().map(|one| one.requests_min()).collect();
        assert!(needed.windows(2).all(|pair| pair[0] < pair[1]), "{needed:?}");
    }
}
