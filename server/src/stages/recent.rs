//! A short-lived cache of answers, including errors: the same question within a moment gets the same answer, and Azure
//! is asked once.

use super::slots::Slots;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Answers of one kind.
#[derive(Debug)]
pub struct Recent<K, T> {
    moment: Duration,
    slots: Slots<K, (Instant, T)>,
}

impl<K: Eq + Hash + Clone, T: Clone> Recent<K, T> {
    /// Empty; answers expire after `moment`, and at most `kept_max` are cached.
    #[must_use]
    pub fn new(moment: Duration, kept_max: usize) -> Self {
        Self { moment, slots: Slots::new(kept_max) }
    }

    /// The cached answer, or the result of `ask`. Concurrent callers with the same key share one.
    pub async fn get(&self, key: &K, ask: impl Future<Output = T>) -> T {
        let slot = self.slots.slot(key);
        let mut kept = slot.lock().await;
        if let Some((at, answer)) = &*kept
            && at.elapsed() < self.moment
        {
            return answer.clone();
        }
        let answer = ask.await;
        *kept = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_repeated_key_is_not_asked_for_again_and_the_number_of_keys_is_limited() {
        let recent = Recent::new(Duration::from_secs(60), 3);
        let asked = AtomicU32::new(0);
        let get = async |key: u32| {
            let ask = async { Err::<(), _>(asked.fetch_add(1, Ordering::Relaxed)) };
            recent.get(&key, ask).await
        };
        assert_eq!((get(1).await, get(1).await, get(2).await), (Err(0), Err(0), Err(1)));
        let both = futures::join!(get(3), get(3));
        assert_eq!(both, (Err(2), Err(2)));
        for key in 10..100 {
            let _ = get(key).await;
            assert!(recent.slots.count() <= 3);
        }
        let asked_again = Recent::new(Duration::ZERO, 3);
        assert_eq!(asked_again.get(&1, async { 1 }).await, 1);
        assert_eq!(asked_again.get(&1, async { 2 }).await, 2);
    }
}
