//! The only source of the time of day and of elapsed time. NTP or a person may set the time of day, which then jumps;
//! elapsed time only grows. Timeouts and deadlines use elapsed time.

use crate::lock::lock;
use domain::timestamp::Timestamp;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Smallest difference between time of day and elapsed time that counts as a jump, in milliseconds. Slewing causes
/// smaller ones.
const JUMP_MS_MIN: i64 = 120_000;
/// How long after a jump the time of day must not trigger anything irreversible, in milliseconds. NTP or a person may
/// be about to correct it.
const UNSURE_MS: i64 = 600_000;

/// Elapsed milliseconds since the clock was created. They never jump, and have no meaning in another process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passed(i64);

impl Passed {
    /// Milliseconds since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// This moment plus `ms` milliseconds.
    #[must_use]
    pub fn after(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The system's clock, or one that a test controls.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    began: Instant,
    manual: Option<Mutex<Manual>>,
    watched: Mutex<Watched>,
}

/// A test's clock, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Manual {
    day: i64,
    passed: i64,
}

/// Detection of jumps, in milliseconds.
#[derive(Debug, Default)]
struct Watched {
    /// Time of day minus elapsed time, at the last check.
    offset: Option<i64>,
    /// Elapsed time when a jump was detected.
    jumped: Option<i64>,
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

    #[expect(clippy::disallowed_methods, reason = "the only source of time")]
    fn read(&self) -> Manual {
        if let Some(manual) = &self.0.manual {
            return *lock(manual);
        }
        let day = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let whole = |ms: u128| i64::try_from(ms).unwrap_or(i64::MAX);
        Manual { day: whole(day.as_millis()), passed: whole(self.0.began.elapsed().as_millis()) }
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(self.read().day)
    }

    /// The elapsed time.
    #[must_use]
    pub fn passed(&self) -> Passed {
        Passed(self.read().passed)
    }

    /// Whether a jump of the time of day was detected within the last ten minutes. Irreversible actions, such as
    /// expiring a change, wait until this is no longer the case.
    pub fn has_jumped(&self) -> bool {
        let Manual { day, passed } = self.read();
        let mut watched = lock(&self.0.watched);
        let offset = day.saturating_sub(passed);
        let before = watched.offset.replace(offset);
        if before.is_some_and(|before| offset.abs_diff(before) > JUMP_MS_MIN.unsigned_abs()) {
            tracing::warn!(
                "the system clock was set; nothing expires or starts on schedule for ten minutes"
            );
            watched.jumped = Some(passed);
        }
        watched.jumped.is_some_and(|jumped| passed - jumped < UNSURE_MS)
    }

    /// Advances a manual clock. Does nothing on the system's clock.
    pub fn advance(&self, milliseconds: i64) {
        if let Some(manual) = &self.0.manual {
            let mut manual = lock(manual);
            manual.day += milliseconds;
            manual.passed += milliseconds.max(0);
        }
    }

    /// Shifts the time of day of a manual clock, but not its elapsed time, as NTP may.
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
    fn elapsed_time_ignores_jumps() {
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
    fn a_jump_is_reported_for_ten_minutes() {
        for jump in [YEAR_MS, -YEAR_MS / 2, 3 * 60_000] {
            let clock = Clock::manual(Timestamp(YEAR_MS));
            clock.advance(72 * 3_600_000);
            assert!(!clock.has_jumped(), "elapsed time is not a jump");
            clock.jump(jump);
            assert!(clock.has_jumped());
            clock.advance(UNSURE_MS - 1);
            assert!(clock.has_jumped());
            clock.advance(1);
            assert!(!clock.has_jumped());
        }
    }

    #[test]
    fn slewing_is_not_a_jump() {
        let clock = Clock::manual(Timestamp(0));
        for _ in 0..100 {
            clock.jump(1_000);
            assert!(!clock.has_jumped());
        }
    }
}
