//! Things that are held for a while: so many by one, and so many by all.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who holds how many.
#[derive(Debug)]
pub struct Held<K: Eq + Hash + Clone> {
    each_max: usize,
    all_max: usize,
    counts: Mutex<(HashMap<K, usize>, usize)>,
}

/// One thing that is held, until this is dropped.
#[derive(Debug)]
pub struct Holding<K: Eq + Hash + Clone> {
    of: Arc<Held<K>>,
    key: K,
}

impl<K: Eq + Hash + Clone> Held<K> {
    /// At most `each_max` by one, and `all_max` by all.
    #[must_use]
    pub fn new(each_max: usize, all_max: usize) -> Arc<Self> {
        Arc::new(Self { each_max, all_max, counts: Mutex::default() })
    }

    /// One more; `None` when there are as many as there may be.
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

    /// How many are held by all.
    #[must_use]
    pub fn all(&self) -> usize {
        self.lock().1
    }

    fn lock(&self) -> MutexGuard<'_, (HashMap<K, usize>, usize)> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn one_has_its_own_bound_and_all_have_another() {
        let held = Held::new(2, 3);
        let (a, b, c) = (held.take("a"), held.take("a"), held.take("b"));
        assert!(a.is_some() && b.is_some() && c.is_some());
        assert!(held.take("a").is_none(), "as many as one may have");
        assert!(held.take("c").is_none(), "as many as all may have");
        drop(a);
        assert!(held.take("c").is_some());
        drop((b, c));
        assert_eq!(held.all(), 0);
        assert!(held.lock().0.is_empty(), "nothing is remembered of who holds nothing");
    }
}
