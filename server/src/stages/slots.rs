//! One slot per key for what is read on demand. A caller holds the slot's lock while reading, so that concurrent
//! callers with the same key wait for this read instead of starting their own.
//!
//! Ours instead of `moka`, which has its own clock: whether a value is still fresh is decided by the console's clock,
//! which tests move. `github/etag_cache.rs` is another cache, because it is limited by bytes and reads nothing itself.

use crate::lock::lock;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex as SyncMutex};
use std::time::Instant;
use tokio::sync::Mutex;

/// A slot, empty until its first read.
pub(super) type Slot<T> = Arc<Mutex<Option<T>>>;

/// At most `kept_max` slots.
#[derive(Debug)]
pub(super) struct Slots<K, T> {
    kept_max: usize,
    /// With the time of their last use.
    slots: SyncMutex<HashMap<K, (Instant, Slot<T>)>>,
}

impl<K: Eq + Hash + Clone, T> Slots<K, T> {
    pub(super) fn new(kept_max: usize) -> Self {
        Self { kept_max, slots: SyncMutex::default() }
    }

    /// A key's slot. Evicts only the least recently used one when there is no room, so that a caller with many keys
    /// does not empty the cache.
    pub(super) fn slot(&self, key: &K) -> Slot<T> {
        let mut slots = lock(&self.slots);
        if slots.len() >= self.kept_max
            && !slots.contains_key(key)
            && let Some((oldest, _)) = slots.iter().min_by_key(|(_, (used, _))| *used)
        {
            let oldest = oldest.clone();
            slots.remove(&oldest);
        }
        let now = Instant::now();
        let (used, slot) = slots.entry(key.clone()).or_insert_with(|| (now, Slot::default()));
        *used = now;
        Arc::clone(slot)
    }

    /// Forgets a slot. A read in progress then fills a slot that nobody asks for any more.
    pub(super) fn forget(&self, key: &K) {
        lock(&self.slots).remove(key);
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        lock(&self.slots).len()
    }
}
