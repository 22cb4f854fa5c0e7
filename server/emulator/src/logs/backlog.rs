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

#[cfg(test)]
mod tests {
    use dataplane::Container;
    use time::OffsetDateTime;

    use super::*;
    use crate::logs::entry::{Request, What};
    use crate::logs::route::Route;

    fn entry(what: What) -> Entry {
        let text = || "x".to_owned();
        let route = Route {
            endpoint: text(),
            resource: text(),
            subscription: text(),
            workspace: text(),
            guid: text(),
            location: text(),
            auth: "Key",
            sinks: Default::default(),
        };
        Entry::live(Arc::new(route), OffsetDateTime::UNIX_EPOCH, 0, what)
    }

    fn line(bytes: usize) -> Entry {
        let container = Container::InferenceServer;
        let (deployment, instance) = (String::new(), String::new());
        entry(What::Line { deployment, container, instance, text: "y".repeat(bytes) })
    }

    fn request() -> Entry {
        entry(What::Request(Request {
            deployment: None,
            method: "POST",
            path: "/score",
            protocol: "HTTP/1.1",
            status: 200,
            model_status: None,
            bytes_in: 0,
            bytes_out: 0,
            total_ms: 0,
            read_ms: 0,
            ran_ms: None,
            user_agent: String::new(),
            request_id: String::new(),
            client_request_id: String::new(),
        }))
    }

    #[test]
    fn what_does_not_fit_is_dropped_at_once_and_lines_leave_room_for_requests() {
        // Nobody reads it, as if the disk hung.
        let backlog = Backlog::default();
        for _ in 0..40 {
            backlog.add(line(1 << 20));
        }
        let dropped = backlog.dropped();
        assert!(dropped >= 24, "half of 32 MiB is for lines: {dropped}");
        for _ in 0..1_000 {
            backlog.add(request());
        }
        assert_eq!(backlog.dropped(), dropped, "requests have room");
        let all = backlog.take().expect("entries");
        assert_eq!(all.len() as u64, 1_040 - dropped);
        backlog.add(line(1 << 20));
        assert_eq!(backlog.dropped(), dropped, "there is room again");
    }

    #[test]
    fn a_reader_of_rows_waits_for_what_came_before() {
        let backlog = Arc::new(Backlog::default());
        backlog.add(request());
        let writer = Arc::clone(&backlog);
        let thread = std::thread::spawn(move || {
            let count = writer.take().map_or(0, |all| all.len());
            writer.wrote(count);
            count
        });
        backlog.settle();
        assert_eq!(thread.join().expect("no panic"), 1);
        backlog.close();
        backlog.add(request());
        assert!(backlog.take().is_none(), "a closed backlog takes nothing");
        backlog.settle();
    }
}
