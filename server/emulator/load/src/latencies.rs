//! Latencies as HDR histograms with an error of 0.1 %.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One hour. Longer latencies count as one hour.
const MICROSECONDS_MAX: u64 = 3_600_000_000;
/// With three significant digits, a bucket is at most 1/1000 as wide as its value.
const DIGITS: u8 = 3;

/// The latencies of some requests, which can be merged and stored. All values are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// The highest value of each filled bucket with its count, in order.
    buckets: Vec<(u64, u64)>,
    count: u64,
    sum_us: u64,
    min_us: u64,
    max_us: u64,
}

impl Latencies {
    /// The number of requests.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; 0 without requests.
    pub fn mean_us(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_us as f64 / self.count as f64 }
    }

    /// The shortest latency; 0 without requests.
    pub fn min_us(&self) -> u64 {
        self.min_us
    }

    /// The longest latency; 0 without requests.
    pub fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The latency that `share` (0..=1) of all requests did not exceed; 0 without requests.
    pub fn quantile_us(&self, share: f64) -> u64 {
        let rank = (share.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (us, count) in &self.buckets {
            seen += count;
            if seen >= rank {
                return (*us).clamp(self.min_us, self.max_us);
            }
        }
        self.max_us
    }

    /// Adds the latencies of other requests.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.min_us = if self.count == 0 { other.min_us } else { self.min_us.min(other.min_us) };
        self.max_us = self.max_us.max(other.max_us);
        self.count += other.count;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        let mut merged = Vec::with_capacity(self.buckets.len().max(other.buckets.len()));
        let (mut own, mut others) =
            (self.buckets.iter().peekable(), other.buckets.iter().peekable());
        loop {
            let (us, count) = match (own.peek(), others.peek()) {
                (Some((a, n)), Some((b, m))) if a == b => (*a, n + m),
                (Some((a, n)), Some((b, _))) if a < b => (*a, *n),
                (_, Some((b, m))) => (*b, *m),
                (Some((a, n)), None) => (*a, *n),
                (None, None) => break,
            };
            own.next_if(|(value, _)| *value == us);
            others.next_if(|(value, _)| *value == us);
            merged.push((us, count));
        }
        self.buckets = merged;
    }
}

/// Latencies while they are recorded.
#[derive(Debug)]
pub(crate) struct Histogram {
    /// Less than 2³² requests per second.
    buckets: hdrhistogram::Histogram<u32>,
    sum_us: u64,
    min_us: u64,
    max_us: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        let mut buckets =
            hdrhistogram::Histogram::new(DIGITS).expect("a number of digits that is valid");
        buckets.auto(true);
        Self { buckets, sum_us: 0, min_us: u64::MAX, max_us: 0 }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).min(MICROSECONDS_MAX);
        // It grows by itself up to the maximum.
        let _ = self.buckets.record(us);
        self.sum_us = self.sum_us.saturating_add(us);
        self.min_us = self.min_us.min(us);
        self.max_us = self.max_us.max(us);
    }

    /// What was recorded since the last time.
    pub(crate) fn take(&mut self) -> Latencies {
        let count = self.buckets.len();
        if count == 0 {
            return Latencies::default();
        }
        let filled = self.buckets.iter_recorded();
        let latencies = Latencies {
            buckets: filled
                .map(|at| (at.value_iterated_to(), u64::from(at.count_at_value())))
                .collect(),
            count,
            sum_us: self.sum_us,
            min_us: self.min_us,
            max_us: self.max_us,
        };
        self.buckets.reset();
        (self.sum_us, self.min_us, self.max_us) = (0, u64::MAX, 0);
        latencies
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(all: &[u64]) -> Latencies {
        let mut histogram = Histogram::default();
        all.iter().for_each(|us| histogram.record(Duration::from_micros(*us)));
        histogram.take()
    }

    proptest! {
        #[test]
        fn a_latency_comes_back_nearly_as_it_was(us in 0_u64..MICROSECONDS_MAX) {
            let mut latencies = of(&[us]);
            prop_assert_eq!(latencies.quantile_us(0.5), us);
            latencies.merge(&of(&[0, MICROSECONDS_MAX]));
            let middle = latencies.quantile_us(0.5);
            prop_assert!(middle.abs_diff(us) as f64 <= us as f64 / 1_000.0 + 1.0);
        }

        #[test]
        fn merging_is_the_same_as_recording_together(
            a in prop::collection::vec(0_u64..10_000_000, 0..50),
            b in prop::collection::vec(0_u64..10_000_000, 0..50),
        ) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(merged, of(&[a, b].concat()));
        }
    }

    #[test]
    fn quantiles_mean_and_bounds() {
        let latencies = of(&(1..=1_000).map(|ms| ms * 1_000).collect::<Vec<_>>());
        assert_eq!(latencies.count(), 1_000);
        assert!((latencies.mean_us() - 500_500.0).abs() < 0.01);
        assert_eq!((latencies.min_us(), latencies.max_us()), (1_000, 1_000_000));
        for (share, us) in [(0.0, 1_000), (0.5, 500_000), (0.95, 950_000), (1.0, 1_000_000)] {
            let found = latencies.quantile_us(share);
            assert!(found.abs_diff(us) <= us / 1_000, "{share}: {found}");
        }
        assert_eq!(Latencies::default().quantile_us(0.99), 0);
        assert_eq!(of(&[u64::MAX]).max_us(), MICROSECONDS_MAX);
    }
}
