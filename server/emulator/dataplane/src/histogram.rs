//! A log-linear histogram of latencies: a few instructions to record, a few per cent of error to read.

use std::time::Duration;

/// Buckets per doubling; a bucket is at most 1/16 as wide as its value.
const STEPS: usize = 16;
const STEPS_LOG2: u32 = 4;
/// Up to 2^28 µs, four and a half minutes: longer than any request may take.
const BUCKETS: usize = STEPS * 26;

/// Counts by latency.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    buckets: Box<[u32; BUCKETS]>,
    count: u64,
    sum_us: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { buckets: Box::new([0; BUCKETS]), count: 0, sum_us: 0 }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX >> 1);
        self.add(bucket(us), 1);
        self.sum_us = self.sum_us.saturating_add(us);
    }

    pub(crate) fn merge(&mut self, other: &Sparse) {
        for (bucket, count) in &other.buckets {
            self.add(usize::from(*bucket), *count);
        }
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }

    fn add(&mut self, bucket: usize, count: u32) {
        if let Some(slot) = self.buckets.get_mut(bucket) {
            *slot = slot.saturating_add(count);
            self.count += u64::from(count);
        }
    }

    pub(crate) fn mean_ms(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_us as f64 / self.count as f64 / 1_000.0 }
    }

    /// The latency that `share` (0..=1) of all requests did not exceed; the middle of its bucket.
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        let rank = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return middle_us(bucket) / 1_000.0;
            }
        }
        0.0
    }

    /// The same, without the empty buckets: what is kept of a minute that is over.
    pub(crate) fn sparse(&self) -> Sparse {
        let filled = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        let buckets = filled.map(|(bucket, count)| (bucket as u16, *count)).collect();
        Sparse { buckets, sum_us: self.sum_us }
    }
}

/// A histogram at rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sparse {
    buckets: Box<[(u16, u32)]>,
    sum_us: u64,
}

fn bucket(us: u64) -> usize {
    if us < STEPS as u64 {
        return us as usize;
    }
    // The top five bits: which doubling, and which sixteenth of it.
    let doubling = us.ilog2() - STEPS_LOG2;
    let step = (us >> doubling) as usize - STEPS;
    (STEPS * (doubling as usize + 1) + step).min(BUCKETS - 1)
}

fn middle_us(bucket: usize) -> f64 {
    if bucket < STEPS {
        return bucket as f64;
    }
    let doubling = (bucket / STEPS - 1) as i32;
    let step = bucket % STEPS + STEPS;
    (step as f64 + 0.5) * 2_f64.powi(doubling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bucket_is_near_its_values(us in 0_u64..(1 << 29)) {
            let middle = middle_us(bucket(us));
            prop_assert!((middle - us as f64).abs() <= us as f64 / 16.0 + 1.0);
        }

        #[test]
        fn buckets_grow_with_their_values(a in 0_u64..(1 << 40), b in 0_u64..(1 << 40)) {
            prop_assert_eq!(a.cmp(&b) as i8 * (bucket(a).cmp(&bucket(b)) as i8) >= 0, true);
        }
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
        assert_eq!(merged.count, 200);
        assert!((merged.mean_ms() - 50.5).abs() < 0.001);
        assert_eq!(Histogram::default().quantile_ms(0.5), 0.0);
    }
}
