//! The one door to the time of day, and to how much time has passed, which is another thing: the time of day
//! may be set, by NTP or by hand, and then jumps; what has passed only grows. Limits that end a wait, or that
//! give something its time, are measured by what has passed.

use app::domain::timestamp::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A difference between the time of day and what has passed that counts as a jump, in milliseconds. Clocks that
/// are slewed differ by less.
const JUMP_MS_MIN: i64 = 120_000;
/// How long after a jump the time of day is not relied upon for what cannot be undone, in milliseconds: somebody,
/// or NTP, may be about to set it right.
const UNSURE_MS: i64 = 600_000;

/// Milliseconds that have passed since some moment. They never jump, and mean nothing in another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed(i64);

impl Passed {
    /// Milliseconds since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// So many milliseconds later.
    #[must_use]
    pub fn after(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// Where "now" comes from: the system, or a test's hand.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    began: Instant,
    manual: Option<Mutex<Manual>>,
    watched: Mutex<Watched>,
}

/// A clock that a test moves.
#[derive(Debug, Clone, Copy)]
struct Manual {
    day: i64,
    passed: i64,
}

/// What is known of jumps.
#[derive(Debug, Default)]
struct Watched {
    /// The time of day less what had passed, at the last look.
    offset: Option<i64>,
    /// What had passed when a jump was noticed.
    jumped: Option<i64>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl Clock {
    fn new(manual: Option<Manual>) -> Self {
        let manual = manual.map(Mutex::new);
        let clock =
            Self(Arc::new(Hands { began: Instant::now(), manual, watched: Mutex::default() }));
        clock.has_jumped();
        clock
    }

    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(None)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self::new(Some(Manual { day: start.0, passed: 0 }))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn read(&self) -> Manual {
        if let Some(manual) = &self.0.manual {
            return *lock(manual);
        }
        let day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let whole = |ms: u128| i64::try_from(ms).unwrap_or(i64::MAX);
        Manual { day: whole(day.as_millis()), passed: whole(self.0.began.elapsed().as_millis()) }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(self.read().day)
    }

    /// How much time has passed, whatever the time of day.
    #[must_use]
    pub fn passed(&self) -> Passed {
        Passed(self.read().passed)
    }

    /// Whether the time of day was set within the last ten minutes, as far as that was noticed. What cannot be
    /// undone, such as letting something expire, waits until it has not.
    pub fn has_jumped(&self) -> bool {
        let Manual { day, passed } = self.read();
        let mut watched = lock(&self.0.watched);
        let offset = day.saturating_sub(passed);
        let before = watched.offset.replace(offset);
        if before.is_some_and(|before| offset.abs_diff(before) > JUMP_MS_MIN.unsigned_abs()) {
            tracing::warn!(
                "the time of day was set; nothing expires or starts by it for ten minutes"
            );
            watched.jumped = Some(passed);
        }
        watched.jumped.is_some_and(|jumped| passed - jumped < UNSURE_MS)
    }

    /// Lets time pass on a manual clock; the system's goes by itself.
    pub fn advance(&self, milliseconds: i64) {
        if let Some(manual) = &self.0.manual {
            let mut manual = lock(manual);
            manual.day += milliseconds;
            manual.passed += milliseconds.max(0);
        }
    }

    /// Sets the time of day of a manual clock without any time passing, as NTP may.
    pub fn jump(&self, milliseconds: i64) {
        if let Some(manual) = &self.0.manual {
            lock(manual).day += milliseconds;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MS: i64 = 365 * 24 * 3_600_000;

    #[test]
    fn what_has_passed_knows_no_jump() {
        let clock = Clock::manual(Timestamp(YEAR_MS));
        let began = clock.passed();
        clock.advance(5_000);
        clock.jump(YEAR_MS);
        clock.jump(-2 * YEAR_MS);
        assert_eq!(clock.passed().since(began), 5_000);
        assert_eq!(clock.now(), Timestamp(5_000));
        assert_eq!(began.since(clock.passed()), 0);
    }

    #[test]
    fn a_clock_that_was_set_is_not_relied_upon_for_a_while() {
        for jump in [YEAR_MS, -YEAR_MS / 2, 3 * 60_000] {
            let clock = Clock::manual(Timestamp(YEAR_MS));
            clock.advance(72 * 3_600_000);
            assert!(!clock.has_jumped(), "time that passes is no jump");
            clock.jump(jump);
            assert!(clock.has_jumped());
            clock.advance(UNSURE_MS - 1);
            assert!(clock.has_jumped());
            clock.advance(1);
            assert!(!clock.has_jumped());
        }
    }

    #[test]
    fn a_clock_that_is_slewed_has_not_jumped() {
        let clock = Clock::manual(Timestamp(0));
        for _ in 0..100 {
            clock.jump(1_000);
            assert!(!clock.has_jumped());
        }
    }
}
