//! What waits to be written to the log store. Who adds to it never waits: what does not fit is counted and dropped.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::entry::Entry;

/// The most bytes that wait. Console lines may use half of them, so that they never displace requests.
const BYTES_MAX: usize = 32 << 20;
/// How long a reader waits for what came before it.
const WRITTEN_S_MAX: u64 = 10;

/// A bounded queue with one reader, the recorder's thread.
#[derive(Debug, Default)]
pub struct Backlog {
    queue: Mutex<Queue>,
    filled: Condvar,
    written: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    entries: Vec<Arc<Entry>>,
    bytes: usize,
    /// How many entries were ever added, and how many of them are written.
    added: u64,
    done: u64,
    dropped: u64,
    is_closed: bool,
}

impl Backlog {
    /// Adds an entry, or drops it if there is no room.
    pub fn add(&self, entry: Entry) {
        let bytes = entry.bytes();
        let room = if entry.is_request() { BYTES_MAX } else { BYTES_MAX / 2 };
        let mut queue = self.queue.lock();
        if queue.is_closed || queue.bytes + bytes > room {
            queue.dropped += 1;
            return;
        }
        queue.bytes += bytes;
        queue.added += 1;
        queue.entries.push(Arc::new(entry));
        drop(queue);
        self.filled.notify_one();
    }

    /// All entries, as soon as there is one; `None` when the backlog is closed and empty.
    pub fn take(&self) -> Option<Vec<Arc<Entry>>> {
        let mut queue = self.queue.lock();
        while queue.entries.is_empty() {
            if queue.is_closed {
                return None;
            }
            self.filled.wait(&mut queue);
        }
        queue.bytes = 0;
        Some(std::mem::take(&mut queue.entries))
    }

    /// Says that so many entries are written.
    pub fn wrote(&self, count: usize) {
        self.queue.lock().done += count as u64;
        self.written.notify_all();
    }

    /// Waits until everything that was added before is written. It blocks the thread.
    pub fn settle(&self) {
        let mut queue = self.queue.lock();
        let all = queue.added;
        while queue.done < all && !queue.is_closed {
            let limit = Duration::from_secs(WRITTEN_S_MAX);
            if self.written.wait_for(&mut queue, limit).timed_out() {
                tracing::warn!("the log store has not written everything in {WRITTEN_S_MAX} s");
                return;
            }
        }
    }

    /// How many entries were dropped.
    pub fn dropped(&self) -> u64 {
        self.queue.lock().dropped
    }

    /// Takes no more entries.
    pub fn close(&self) {
        self.queue.lock().is_closed = true;
        self.filled.notify_all();
        self.written.notify_all();
    }
}
