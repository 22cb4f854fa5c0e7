//! The speed of simulated work, and which operation waits for what. The agenda lets a test advance the
//! clock and know that everything that was due has happened.

use std::collections::HashMap;
use std::time::Duration;

use dataplane::Clock;
use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::sync::Notify;

/// How long [`Agenda::settled`] waits for real work, such as a process that starts.
const SETTLE_S_MAX: u64 = 20;

/// The speed of simulated work; 1 is the speed of a demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    speed: f64,
    is_quick: bool,
}

impl Pace {
    pub fn new(speed: f64, clock: &Clock) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { speed, is_quick: clock.is_explicit() || speed > 1.0 }
    }

    /// `seconds` at this speed.
    pub fn seconds(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds / self.speed)
    }

    /// How soon a caller should poll again: Azure's whole seconds, and milliseconds for clients that read
    /// them if work is faster than that.
    pub fn retry_headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("retry-after", "1".to_owned())];
        if self.is_quick {
            headers.push(("retry-after-ms", "100".to_owned()));
        }
        headers
    }
}

/// The state of each running operation: working, or waiting for a time.
#[derive(Debug, Default)]
pub struct Agenda {
    entries: Mutex<HashMap<String, Waiting>>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
enum Waiting {
    /// It is working.
    No,
    /// It sleeps until this time.
    Until(OffsetDateTime),
    /// It waits for something that does not follow this clock.
    Elsewhere,
}

impl Agenda {
    fn set(&self, id: &str, waiting: Option<Waiting>) {
        let mut entries = self.entries.lock();
        match waiting {
            Some(waiting) => entries.insert(id.to_owned(), waiting),
            None => entries.remove(id),
        };
        drop(entries);
        self.changed.notify_waiters();
    }

    pub fn enter(&self, id: &str) {
        self.set(id, Some(Waiting::No));
    }

    pub fn leave(&self, id: &str) {
        self.set(id, None);
    }

    /// Sleeps until `moment`, which may be in the past.
    pub async fn sleep_until(&self, id: &str, clock: &Clock, moment: OffsetDateTime) {
        loop {
            let left = moment - clock.now();
            let Ok(left) = Duration::try_from(left) else { break };
            if left.is_zero() {
                break;
            }
            let mut sleep = std::pin::pin!(clock.sleep(left));
            // The first poll registers the sleeper with the current time, before anybody can move the
            // clock.
            if futures::poll!(&mut sleep).is_ready() {
                continue;
            }
            self.set(id, Some(Waiting::Until(moment)));
            sleep.await;
        }
        self.set(id, Some(Waiting::No));
    }

    /// Waits for work that may itself sleep on the clock.
    pub async fn elsewhere<T>(&self, id: &str, work: impl Future<Output = T>) -> T {
        self.set(id, Some(Waiting::Elsewhere));
        let outcome = work.await;
        self.set(id, Some(Waiting::No));
        outcome
    }

    /// Returns when no operation is working or overdue.
    pub async fn settled(&self, clock: &Clock) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if self.is_settled(clock.now()) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(SETTLE_S_MAX), wait).await.is_err() {
            tracing::warn!("operations are still at work after {SETTLE_S_MAX} s");
        }
    }

    fn is_settled(&self, now: OffsetDateTime) -> bool {
        let entries = self.entries.lock();
        entries.values().all(|waiting| match waiting {
            Waiting::No => false,
            Waiting::Until(moment) => *moment > now,
            Waiting::Elsewhere => true,
        })
    }
}
