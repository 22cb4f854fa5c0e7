//! The activity log: what the emulator's autoscale did. Requests to ARM are not in it; for these there is `writes`.

use std::collections::VecDeque;

use parking_lot::Mutex;
use serde_json::Value;

/// The number of events that are kept.
const EVENTS_MAX: usize = 1_000;

/// The latest events, oldest first.
#[derive(Debug, Default)]
pub struct Activity(Mutex<VecDeque<Value>>);

impl Activity {
    /// Adds an event.
    pub fn add(&self, event: Value) {
        let mut events = self.0.lock();
        if events.len() == EVENTS_MAX {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// All events, newest first.
    pub fn all(&self) -> Vec<Value> {
        self.0.lock().iter().rev().cloned().collect()
    }
}
