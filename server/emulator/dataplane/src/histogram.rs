//! Latencies as an HDR histogram: a few instructions to record, and an error of a few per cent.

use std::time::Duration;

/// Four and a half minutes, which is longer than any request may take.
const MICROSECONDS_MAX: u64 = 1 << 28;
/// With one significant digit, a bucket is at most 1/16 as wide as its value.
const DIGITS: u8 = 1;

#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    buckets: hdrhistogram::Histogram<u32>,
    /// For an exact mean; the buckets give only an approximate one.
    sum_us: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        let buckets = hdrhistogram::Histogram::new_with_bounds(1, MICROSECONDS_MAX, DIGITS);
        Histogram { buckets: buckets.expect("constant bounds that are valid"), sum_us: 0 }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX >> 1);
        self.buckets.saturating_record(us);
        self.sum_us = self.sum_us.saturating_add(us);
    }

    pub(crate) fn merge(&mut self, other: &Sparse) {
        for (us, count) in &other.buckets {
            self.buckets.saturating_record_n(u64::from(*us), *count);
        }
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }

    pub(crate) fn mean_ms(&self) -> f64 {
        let count = self.buckets.len();
        if count == 0 { 0.0 } else { self.sum_us as f64 / count as f64 / 1_000.0 }
    }

    /// The latency that `share` (0..=1) of all requests did not exceed, as the middle of its bucket.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let us = self.buckets.value_at_quantile(share);
        self.buckets.median_equivalent(us) as f64 / 1_000.0
    }

    /// A copy without the empty buckets, for minutes that are over.
    pub(crate) fn sparse(&self) -> Sparse {
        let filled = self.buckets.iter_recorded();
        let filled = filled.map(|step| (step.value_iterated_to() as u32, step.count_at_value()));
        Sparse { buckets: filled.collect(), sum_us: self.sum_us }
    }
}

/// The stored form of a histogram: a value of each filled bucket, with its count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    buckets: Box<[(u32, u32)]>,
    sum_us: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_latency_comes_back_nearly_as_it_was(us in 0_u64..MICROSECONDS_MAX) {
            let mut histogram = Histogram::default();
            histogram.record(Duration::from_micros(us));
            let middle_us = histogram.quantile_ms(0.5) * 1_000.0;
            prop_assert!((middle_us - us as f64).abs() <= us as f64 / 16.0 + 1.0);
        }
    }

    #[test]
    fn a_latency_beyond_the_maximum_counts_as_the_maximum() {
        let mut histogram = Histogram::default();
        histogram.record(Duration::MAX);
        let maximum_ms = MICROSECONDS_MAX as f64 / 1_000.0;
        assert!((histogram.quantile_ms(0.5) - maximum_ms).abs() <= maximum_ms / 16.0);
    }

    #[test]
    fn quantiles_and_mean() {
        let mut histogram = Histogram::default();
        for ms in 1..=100 {
            histogram.record(Duration::from_millis(ms));
        }
        assert!((histogram.mean_ms() - 50.5).abs() < 0.001);
        assert!((histogram.quantile_ms(0.5) - 50.0).abs() < 3.0);
        assert!((histogram.quantile_ms(0.99) - 99.0).abs() < 4.0);
        let mut merged = Histogram::default();
        merged.merge(&histogram.sparse());
        merged.merge(&histogram.sparse());
        assert_eq!(merged.buckets.len(), 200);
        assert!((merged.mean_ms() - 50.5).abs() < 0.001);
        assert_eq!(Histogram::default().quantile_ms(0.5), 0.0);
    }
}
