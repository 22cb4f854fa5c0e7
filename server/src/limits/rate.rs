//! Rate limits: token buckets with a burst and a rate per second.

use crate::lock::lock;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Instant;

/// A token bucket per key.
#[derive(Debug)]
pub struct Rates<K> {
    burst: f64,
    per_second: f64,
    kept_max: usize,
    /// Tokens left, and the time of this count.
    left: Mutex<HashMap<K, (f64, Instant)>>,
}

impl<K: Eq + Hash + Clone> Rates<K> {
    /// Allows each key `burst` actions at once, and then `per_second` per second. Remembers at most `kept_max` keys.
    #[must_use]
    pub fn new(burst: u32, per_second: f64, kept_max: usize) -> Self {
        Self { burst: f64::from(burst), per_second, kept_max, left: Mutex::default() }
    }

    /// Takes a token; `false` if none is left.
    #[must_use]
    pub fn take(&self, key: &K) -> bool {
        self.take_at(key, Instant::now())
    }

    fn take_at(&self, key: &K, now: Instant) -> bool {
        let mut left = lock(&self.left);
        let filled = |(had, at): (f64, Instant)| {
            let since = now.saturating_duration_since(at).as_secs_f64();
            since.mul_add(self.per_second, had).min(self.burst)
        };
        if left.len() >= self.kept_max && !left.contains_key(key) {
            // A full bucket equals a new one and can be forgotten.
            left.retain(|_, known| filled(*known) < self.burst);
            if left.len() >= self.kept_max
                && let Some(oldest) = left.iter().min_by_key(|(_, (_, at))| *at)
            {
                let oldest = oldest.0.clone();
                left.remove(&oldest);
            }
        }
        let has = left.get(key).map_or(self.burst, |known| filled(*known));
        let may = has >= 1.0;
        left.insert(key.clone(), (if may { has - 1.0 } else { has }, now));
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_key_refills_with_time_independently_of_others() {
        let rates = Rates::new(3, 2.0, 10);
        let start = Instant::now();
        let at = |key, ms| rates.take_at(&key, start + Duration::from_millis(ms));
        assert_eq!([at("a", 0), at("a", 0), at("a", 0), at("a", 0)], [true, true, true, false]);
        assert!(at("b", 0));
        assert_eq!([at("a", 499), at("a", 500), at("a", 501)], [false, true, false]);
        assert_eq!((0..10).filter(|_| at("a", 60_000)).count(), 3, "no more than the burst");
    }

    #[test]
    fn the_number_of_remembered_keys_is_bounded() {
        let rates = Rates::new(1, 1.0, 10);
        let start = Instant::now();
        for key in 0..1_000 {
            assert!(rates.take_at(&key, start));
            assert!(rates.left.lock().expect("no panic").len() <= 10);
        }
        assert!(!rates.take_at(&999, start), "the newest are remembered");
    }
}
