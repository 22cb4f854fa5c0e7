//! Concurrency limits: per key and in total.

use crate::lock::lock;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard};

/// Counts the permits that each key holds.
#[derive(Debug)]
pub struct Held<K: Eq + Hash + Clone> {
    each_max: usize,
    all_max: usize,
    counts: Mutex<(HashMap<K, usize>, usize)>,
}

/// One permit, returned on drop.
#[derive(Debug)]
pub struct Holding<K: Eq + Hash + Clone> {
    of: Arc<Held<K>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Held<K> {
    /// Allows at most `each_max` permits per key and `all_max` in total.
    #[must_use]
    pub fn new(each_max: usize, all_max: usize) -> Arc<Self> {
        Arc::new(Self { each_max, all_max, counts: Mutex::default() })
    }

    /// Takes a permit; `None` if a limit is reached.
    #[must_use]
    pub fn take(self: &Arc<Self>, key: K) -> Option<Holding<K>> {
        let mut counts = self.lock();
        let (each, all) = &mut *counts;
        let held = each.get(&key).copied().unwrap_or_default();
        if held >= self.each_max || *all >= self.all_max {
            return None;
        }
        each.insert(key.clone(), held + 1);
        *all += 1;
        drop(counts);
        Some(Holding { of: Arc::clone(self), key })
    }

    /// The number of permits held in total.
    #[must_use]
    pub fn all(&self) -> usize {
        self.lock().1
    }

    fn lock(&self) -> MutexGuard<'_, (HashMap<K, usize>, usize)> {
        lock(&self.counts)
    }
}

impl<K: Eq + Hash + Clone> Drop for Holding<K> {
    fn drop(&mut self) {
        let mut counts = self.of.lock();
        let (each, all) = &mut *counts;
        *all = all.saturating_sub(1);
        if let Some(held) = each.get_mut(&self.key) {
            *held -= 1;
            if *held == 0 {
                each.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_a_limit_and_all_together_have_another() {
        let held = Held::new(2, 3);
        let (a, b, c) = (held.take("a"), held.take("a"), held.take("b"));
        assert!(a.is_some() && b.is_some() && c.is_some());
        assert!(held.take("a").is_none(), "the limit per key");
        assert!(held.take("c").is_none(), "the limit in total");
        drop(a);
        assert!(held.take("c").is_some());
        drop((b, c));
        assert_eq!(held.all(), 0);
        assert!(held.lock().0.is_empty(), "keys without permits are forgotten");
    }
}
