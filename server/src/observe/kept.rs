//! Values that are read when somebody asks for them, once for all who ask, and kept for a while.
//!
//! What cannot be read is not known, and is not asked for again at once: never is an old value, or none,
//! taken for a good one.

use app::domain::timestamp::Timestamp;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;

/// Most values of one kind.
const KEPT_MAX: usize = 2_000;
/// Longest that one read may keep a page waiting.
const READ_MAX: Duration = Duration::from_secs(5);

type Slot<V> = Arc<Mutex<Option<(Timestamp, Option<V>)>>>;

/// Values of one kind.
#[derive(Debug)]
pub struct Kept<K, V> {
    /// What they are, for the log.
    what: &'static str,
    age_max: Duration,
    read_max: Duration,
    slots: SyncMutex<HashMap<K, Slot<V>>>,
}

impl<K: Eq + Hash + Clone + Debug, V: Clone> Kept<K, V> {
    /// None yet; each is read again when it is older than `age_max`.
    #[must_use]
    pub fn new(what: &'static str, age_max: Duration) -> Self {
        Self { what, age_max, read_max: READ_MAX, slots: SyncMutex::default() }
    }

    /// The value: as kept, or read now. `None` when it cannot be read.
    pub async fn get<E: Display>(
        &self,
        key: &K,
        now: Timestamp,
        read: impl Future<Output = Result<V, E>>,
    ) -> Option<V> {
        let slot = self.slot(key);
        // Held while reading: others wait for the one read instead of asking as well.
        let mut kept = slot.lock().await;
        if let Some((at, value)) = &*kept
            && self.is_young(now.0.saturating_sub(at.0))
        {
            return value.clone();
        }
        let value = match tokio::time::timeout(self.read_max, read).await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::warn!(what = self.what, ?key, %error, "not known");
                None
            }
            Err(_) => {
                tracing::warn!(what = self.what, ?key, "not known: no answer in time");
                None
            }
        };
        *kept = Some((now, value.clone()));
        value
    }

    /// A clock that was set back makes everything old.
    fn is_young(&self, age_ms: i64) -> bool {
        u64::try_from(age_ms).is_ok_and(|age| Duration::from_millis(age) < self.age_max)
    }

    fn slot(&self, key: &K) -> Slot<V> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT_MAX && !slots.contains_key(key) {
            // Any one: whoever asks for many does not empty the others' with it.
            let any = slots.keys().next().cloned();
            any.map(|any| slots.remove(&any));
        }
        Arc::clone(slots.entry(key.clone()).or_insert_with(|| Arc::new(Mutex::new(None))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn one_read_serves_all_until_it_is_old() {
        let kept = Kept::new("numbers", Duration::from_secs(10));
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
    async fn what_fails_is_not_known_also_when_it_was_before() {
        let kept = Kept::new("numbers", Duration::from_secs(10));
        let good = async || Ok::<_, String>(1);
        let bad = async || Err("gone".to_owned());
        assert_eq!(kept.get(&1, Timestamp(0), good()).await, Some(1));
        assert_eq!(kept.get(&1, Timestamp(10_000), bad()).await, None);
        assert_eq!(kept.get(&1, Timestamp(15_000), good()).await, None, "not at once");
        assert_eq!(kept.get(&1, Timestamp(20_000), good()).await, Some(1));
    }

    #[tokio::test]
    async fn no_page_waits_for_ever() {
        let mut kept = Kept::<u8, u8>::new("numbers", Duration::from_secs(10));
        kept.read_max = Duration::ZERO;
        let never = std::future::pending::<Result<u8, String>>();
        assert_eq!(kept.get(&1, Timestamp(0), never).await, None);
    }
}
