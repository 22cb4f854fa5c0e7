//! A cache of values that are read on demand, once for all concurrent callers.
//!
//! A failed read is cached as unknown, so that it is not repeated at once. The cache never returns an expired value.

use super::slots::Slots;
use domain::timestamp::Timestamp;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::time::Duration;

/// Maximum number of values of one kind.
const KEPT_MAX: usize = 2_000;
/// Timeout of one read, so that no page waits longer.
const READ_MAX: Duration = Duration::from_secs(5);

/// Values of one kind.
#[derive(Debug)]
pub struct TtlCache<K, V> {
    /// Names the values in the log.
    what: &'static str,
    age_max: Duration,
    read_max: Duration,
    slots: Slots<K, (Timestamp, Option<V>)>,
}

impl<K: Eq + Hash + Clone + Debug, V: Clone> TtlCache<K, V> {
    /// Empty; values are read again after `age_max`.
    #[must_use]
    pub fn new(what: &'static str, age_max: Duration) -> Self {
        Self { what, age_max, read_max: READ_MAX, slots: Slots::new(KEPT_MAX) }
    }

    /// The cached value, or the result of `read`. `None` when it cannot be read.
    pub async fn get<E: Display>(
        &self,
        key: &K,
        now: Timestamp,
        read: impl Future<Output = Result<V, E>>,
    ) -> Option<V> {
        let slot = self.slots.slot(key);
        let mut kept = slot.lock().await;
        if let Some((at, value)) = &*kept
            && self.is_young(now.0.saturating_sub(at.0))
        {
            return value.clone();
        }
        let value = match tokio::time::timeout(self.read_max, read).await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::warn!(what = self.what, ?key, %error, "could not be read");
                None
            }
            Err(_) => {
                tracing::warn!(what = self.what, ?key, "could not be read: no response in time");
                None
            }
        };
        *kept = Some((now, value.clone()));
        value
    }

    /// Forgets a value, because the console has just changed it. A read in progress is not cached.
    pub fn forget(&self, key: &K) {
        self.slots.forget(key);
    }

    /// A clock that was set back expires all values.
    fn is_young(&self, age_ms: i64) -> bool {
        u64::try_from(age_ms).is_ok_and(|age| Duration::from_millis(age) < self.age_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn one_read_serves_all_callers_until_it_expires() {
        let kept = TtlCache::new("numbers", Duration::from_secs(10));
        let reads = AtomicU32::new(0);
        let at = async |ms| {
            let read = async { Ok::<_, String>(reads.fetch_add(1, Ordering::Relaxed)) };
            kept.get(&"key", Timestamp(ms), read).await
        };
        let both = futures::join!(at(0), at(0));
        assert_eq!(both, (Some(0), Some(0)));
        assert_eq!((at(9_999).await, at(10_000).await), (Some(0), Some(1)));
        assert_eq!(at(5_000).await, Some(2), "the clock was set back");
    }

    #[tokio::test]
    async fn a_forgotten_value_is_read_again() {
        let kept = TtlCache::new("numbers", Duration::from_secs(10));
        let read =
            async |value| kept.get(&1, Timestamp(0), async move { Ok::<_, String>(value) }).await;
        assert_eq!((read(1).await, read(2).await), (Some(1), Some(1)));
        kept.forget(&1);
        assert_eq!(read(3).await, Some(3));
    }

    #[tokio::test]
    async fn a_failed_read_replaces_the_old_value() {
        let kept = TtlCache::new("numbers", Duration::from_secs(10));
        let good = async || Ok::<_, String>(1);
        let bad = async || Err("gone".to_owned());
        assert_eq!(kept.get(&1, Timestamp(0), good()).await, Some(1));
        assert_eq!(kept.get(&1, Timestamp(10_000), bad()).await, None);
        assert_eq!(kept.get(&1, Timestamp(15_000), good()).await, None, "not at once");
        assert_eq!(kept.get(&1, Timestamp(20_000), good()).await, Some(1));
    }

    #[tokio::test]
    async fn a_read_has_a_timeout() {
        let mut kept = TtlCache::<u8, u8>::new("numbers", Duration::from_secs(10));
        kept.read_max = Duration::ZERO;
        let never = std::future::pending::<Result<u8, String>>();
        assert_eq!(kept.get(&1, Timestamp(0), never).await, None);
    }
}
