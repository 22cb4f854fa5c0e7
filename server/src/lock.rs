//! Locks a mutex whatever happened to others who held it: no holder leaves a value half changed when it panics.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The mutex's value.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
