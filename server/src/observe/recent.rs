//! Answers that are remembered for a moment, the bad ones, too: whoever asks the same again gets the same again,
//! and Azure is asked once.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

type Slot<T> = Arc<Mutex<Option<(Instant, T)>>>;

/// Answers of one kind.
#[derive(Debug)]
pub struct Recent<K, T> {
    moment: Duration,
    kept_max: usize,
    slots: SyncMutex<HashMap<K, (Instant, Slot<T>)>>,
}

impl<K: Eq + Hash + Clone + Debug, T: Clone> Recent<K, T> {
    /// None yet; each is good for a moment, and at most `kept_max` are kept.
    #[must_use]
    pub fn new(moment: Duration, kept_max: usize) -> Self {
        Self { moment, kept_max, slots: SyncMutex::default() }
    }

    /// The answer: as kept, or asked for now. Others who want the same wait for the one.
    pub async fn get(&self, key: &K, ask: impl Future<Output = T>) -> T {
        let slot = self.slot(key);
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

    /// The one that was used least lately makes room.
    fn slot(&self, key: &K) -> Slot<T> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= self.kept_max
            && !slots.contains_key(key)
            && let Some(oldest) = slots.iter().min_by_key(|(_, (used, _))| *used)
        {
            let oldest = oldest.0.clone();
            slots.remove(&oldest);
        }
        let (used, slot) =
            slots.entry(key.clone()).or_insert_with(|| (Instant::now(), Slot::default()));
        *used = Instant::now();
        Arc::clone(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn who_asks_the_same_again_costs_nothing_and_many_keys_cost_no_more_than_a_few() {
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
            assert!(recent.slots.lock().expect("no panic").len() <= 3);
        }
        let asked_again = Recent::new(Duration::ZERO, 3);
        assert_eq!(asked_again.get(&1, async { 1 }).await, 1);
        assert_eq!(asked_again.get(&1, async { 2 }).await, 2);
    }
}
