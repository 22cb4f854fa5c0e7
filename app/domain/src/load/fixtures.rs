//! Helpers for tests: results from a few numbers.

use super::measure::Aggregate;
use super::results::{Ending, Results, Sample};
use crate::decimal::Decimal;

/// Requests of which the median took `ms`, p95 twice as long and p99 three times.
pub(super) fn sample(requests: u64, errors: u64, ms: u32) -> Sample {
    let times =
        [(Aggregate::Avg, 1), (Aggregate::P50, 1), (Aggregate::P95, 2), (Aggregate::P99, 3)];
    Sample {
        requests,
        errors,
        response_ms: times.map(|(one, factor)| (one, Decimal::whole(ms * factor))).into(),
        per_second: Some(Decimal::whole(50)),
        ..Sample::default()
    }
}

/// A run that completed.
pub(super) fn results(total: Sample) -> Results {
    Results {
        ending: Ending::Completed,
        seconds: 60,
        users: Some(10),
        total: Some(total),
        by_name: std::collections::BTreeMap::new(),
        names_left_out: 0,
    }
}
