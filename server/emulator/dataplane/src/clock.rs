//! Two clocks: the machine's, and one that moves only when a test advances it.
//!
//! The clock gives the time for logs and traffic, and for everything that is only simulated. Real input and
//! output (a process that starts, a request in flight) always use real time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::sync::oneshot;

/// A source of the time of day. Clones share it.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Auto,
    Explicit(Arc<Mutex<Explicit>>),
}

#[derive(Debug)]
struct Explicit {
    now: OffsetDateTime,
    /// Ordered by the time at which they wake, then by the order in which they fell asleep.
    sleepers: BTreeMap<(OffsetDateTime, u64), oneshot::Sender<()>>,
    next_sleeper: u64,
}

impl Clock {
    pub fn auto() -> Clock {
        Clock(Kind::Auto)
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn explicit(start: OffsetDateTime) -> Clock {
        let explicit = Explicit { now: start, sleepers: BTreeMap::new(), next_sleeper: 0 };
        Clock(Kind::Explicit(Arc::new(Mutex::new(explicit))))
    }

    /// The time of day, in UTC if this is the machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others ask")]
    pub fn now(&self) -> OffsetDateTime {
        match &self.0 {
            Kind::Auto => OffsetDateTime::now_utc(),
            Kind::Explicit(explicit) => explicit.lock().now,
        }
    }

    /// Sleeps for `duration`. On an explicit clock, sleeps until it has been advanced that far.
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Kind::Auto => tokio::time::sleep(duration).await,
            Kind::Explicit(explicit) => {
                let awoken = {
                    let mut explicit = explicit.lock();
                    if duration.is_zero() {
                        return;
                    }
                    let (wake, awoken) = oneshot::channel();
                    let key = (explicit.now + duration, explicit.next_sleeper);
                    explicit.next_sleeper += 1;
                    explicit.sleepers.insert(key, wake);
                    awoken
                };
                // An error means that the clock was dropped, so nobody could wake the sleeper.
                let _ = awoken.await;
            }
        }
    }

    /// Advances an explicit clock, and wakes every sleeper whose time has come, in order. Does nothing on
    /// the machine's clock.
    pub fn advance(&self, duration: Duration) {
        let Kind::Explicit(explicit) = &self.0 else { return };
        let mut explicit = explicit.lock();
        let target = explicit.now + duration;
        while let Some(entry) = explicit.sleepers.first_entry() {
            if entry.key().0 > target {
                break;
            }
            let ((due, _), wake) = entry.remove_entry();
            explicit.now = due;
            // A sleeper that was cancelled no longer listens.
            let _ = wake.send(());
        }
        explicit.now = target;
    }

    /// Whether the clock moves only by [`Clock::advance`].
    pub fn is_explicit(&self) -> bool {
        matches!(self.0, Kind::Explicit(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const START: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

    #[tokio::test]
    async fn sleepers_wake_in_the_order_of_their_deadlines() {
        let clock = Clock::explicit(START);
        let (woken, mut order) = tokio::sync::mpsc::unbounded_channel();
        for seconds in [30_u64, 10, 20] {
            let (clock, woken) = (clock.clone(), woken.clone());
            let mut sleep =
                Box::pin(async move { clock.sleep(Duration::from_secs(seconds)).await });
            // The first poll registers the sleeper.
            assert!(futures::poll!(&mut sleep).is_pending());
            tokio::spawn(async move {
                sleep.await;
                woken.send(seconds).unwrap();
            });
        }
        clock.advance(Duration::from_secs(25));
        assert_eq!(order.recv().await, Some(10));
        assert_eq!(order.recv().await, Some(20));
        assert!(order.try_recv().is_err());
        clock.advance(Duration::from_secs(5));
        assert_eq!(order.recv().await, Some(30));
        assert_eq!(clock.now(), START + Duration::from_secs(30));
    }

    #[tokio::test]
    async fn a_cancelled_sleeper_does_not_affect_others() {
        let clock = Clock::explicit(START);
        let mut sleep = Box::pin(clock.sleep(Duration::from_secs(1)));
        assert!(futures::poll!(&mut sleep).is_pending());
        drop(sleep);
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), START + Duration::from_secs(2));
        clock.sleep(Duration::ZERO).await;
    }

    #[test]
    fn the_machine_clock_cannot_be_moved() {
        let clock = Clock::auto();
        let before = clock.now();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now() < before + Duration::from_secs(60));
        assert!(!clock.is_explicit() && Clock::explicit(START).is_explicit());
    }
}
