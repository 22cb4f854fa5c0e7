//! When the requests of an open model are due.
//!
//! The rate rises linearly from 0 to its full value during the ramp-up. The number of requests due until time t is
//! the area below the rate: R·t²/(2T) during a ramp-up of T, and R·T/2 + R·(t−T) after it. Request k is due
//! when the area reaches k.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// Requests per second of all engines.
    rate: f64,
    ramp_up_s: f64,
    duration: Duration,
    engine: u64,
    engines: u64,
}

impl Schedule {
    pub(super) fn new(
        rate: f64,
        ramp_up: Duration,
        duration: Duration,
        (engine, engines): (u32, u32),
    ) -> Self {
        Self {
            rate,
            ramp_up_s: ramp_up.as_secs_f64(),
            duration,
            engine: engine.into(),
            engines: engines.into(),
        }
    }

    /// The number of an engine's request among the requests of all engines.
    pub(super) fn global(&self, own: u64) -> u64 {
        own * self.engines + self.engine
    }

    /// When an engine's request is due, from the start of the test; `None` from the end of the test on.
    pub(super) fn due(&self, own: u64) -> Option<Duration> {
        let number = self.global(own) as f64;
        let in_ramp_up = self.rate * self.ramp_up_s / 2.0;
        let seconds = match number < in_ramp_up {
            true => (2.0 * number * self.ramp_up_s / self.rate).sqrt(),
            false => self.ramp_up_s + (number - in_ramp_up) / self.rate,
        };
        let due = Duration::try_from_secs_f64(seconds).ok()?;
        (due < self.duration).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn all(schedule: &Schedule) -> Vec<Duration> {
        (0..).map_while(|own| schedule.due(own)).collect()
    }

    #[test]
    fn without_ramp_up_the_distance_is_constant() {
        let due = all(&Schedule::new(4.0, Duration::ZERO, 2 * SECOND, (0, 1)));
        assert_eq!(due, (0..8).map(|n| n * SECOND / 4).collect::<Vec<_>>());
    }

    #[test]
    fn the_rate_rises_during_the_ramp_up() {
        let due = all(&Schedule::new(100.0, 10 * SECOND, 20 * SECOND, (0, 1)));
        assert_eq!(due.len(), 500 + 1_000);
        let within = |from: u32, to: u32| {
            due.iter().filter(|due| (from * SECOND..to * SECOND).contains(due)).count()
        };
        // The mean rates of these seconds are 5, 45, 95 and 100.
        for (second, count) in [(0, 5_usize), (4, 45), (9, 95), (10, 100), (19, 100)] {
            assert!(within(second, second + 1).abs_diff(count) <= 1, "second {second}");
        }
        assert!(due.is_sorted());
    }

    #[test]
    fn engines_share_one_schedule() {
        let whole = all(&Schedule::new(30.0, SECOND, 3 * SECOND, (0, 1)));
        let mut parts: Vec<_> = (0..3)
            .flat_map(|engine| all(&Schedule::new(30.0, SECOND, 3 * SECOND, (engine, 3))))
            .collect();
        parts.sort();
        assert_eq!(parts, whole);
    }
}
