//! Measured traffic of an endpoint's deployments, minute by minute, as Azure Monitor keeps it.

use super::name::DeploymentName;
use super::route::Split;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;

/// One minute of one deployment. `None` where Azure Monitor has no point.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Minute {
    /// Requests in that minute.
    pub requests: Option<f32>,
    /// Of these, answered with a status of 400 or above.
    pub errors: Option<f32>,
    /// Median latency in milliseconds.
    pub p50_ms: Option<f32>,
    /// 95th percentile in milliseconds.
    pub p95_ms: Option<f32>,
    /// 99th percentile in milliseconds.
    pub p99_ms: Option<f32>,
}

/// One deployment's minutes, oldest first, aligned with [`Traffic::start`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub deployment: DeploymentName,
    /// Its minutes.
    pub minutes: Vec<Minute>,
}

impl Series {
    /// The requests of one minute.
    #[must_use]
    pub fn requests(&self, at: usize) -> Option<f32> {
        self.minutes.get(at)?.requests
    }
}

/// Minutes that the charts show.
pub const WINDOW_MINUTES: usize = 30;

/// All deployments of an endpoint over the last [`WINDOW_MINUTES`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// The start of the first minute.
    pub start: Timestamp,
    /// One series per deployment.
    pub series: Vec<Series>,
    /// Why the newest values may be missing, when reading them failed.
    pub trouble: Option<String>,
}

impl Traffic {
    /// How many minutes there are; the last one is still running.
    #[must_use]
    pub fn minutes(&self) -> usize {
        self.series.iter().map(|series| series.minutes.len()).max().unwrap_or(0)
    }

    /// Which minute to tell when nobody asks for one: the newest that is over and in which anything was
    /// measured. The running one is only told when there is no other, because its counts still grow.
    #[must_use]
    pub fn newest(&self) -> usize {
        let running = self.minutes().saturating_sub(1);
        let measured = |at: &usize| self.series.iter().any(|series| series.requests(*at).is_some());
        (0..running).rev().find(measured).unwrap_or(running)
    }

    /// How long live requests take, in milliseconds, as [`p99_ms`] tells it. `None` when nothing live was
    /// measured, or when the newest values are missing.
    #[must_use]
    pub fn p99_ms(&self, live: &Split) -> Option<u32> {
        if self.trouble.is_some() {
            return None;
        }
        let is_live = |series: &&Series| live.share(&series.deployment) > 0;
        let minutes = self.series.iter().filter(is_live).flat_map(|series| &series.minutes);
        p99_ms(minutes).map(|p99| p99.ceil() as u32)
    }

    /// A deployment's minutes.
    #[must_use]
    pub fn of(&self, name: &DeploymentName) -> Option<&Series> {
        self.series.iter().find(|series| series.deployment == *name)
    }
}

/// How long the requests of some minutes took, in milliseconds: nine of ten of them fell in minutes whose
/// 99th percentile was this or less. So a single slow minute does not speak for all, and percentiles are not
/// averaged, which would make them mean nothing. `None` when nothing was measured.
#[must_use]
pub fn p99_ms<'a>(minutes: impl IntoIterator<Item = &'a Minute>) -> Option<f32> {
    let measured = minutes.into_iter().filter_map(|minute| minute.p99_ms.zip(minute.requests));
    weighted(measured.collect(), 0.9)
}

/// The value of minutes under which this share of all requests lies; each minute has a value and a number
/// of requests, which is its weight. `None` when nothing was measured.
pub(super) fn weighted(minutes: Vec<(f32, f32)>, share: f32) -> Option<f32> {
    let is_measured = |(value, requests): &(f32, f32)| value.is_finite() && *requests > 0.0;
    let mut measured: Vec<_> = minutes.into_iter().filter(is_measured).collect();
    measured.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f32 = measured.iter().map(|(_, requests)| requests).sum();
    let mut seen = 0.0;
    for (value, requests) in measured {
        seen += requests;
        if seen >= all * share {
            return Some(value);
        }
    }
    None
}

/// Whole minutes, one after the other, as Azure Monitor counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The start of the first.
    pub start: Timestamp,
    /// How many.
    pub minutes: u16,
}

impl Period {
    /// The first that begin at `at` or later: what was measured before does not count.
    #[must_use]
    pub fn after(at: Timestamp, minutes: u16) -> Self {
        let start = (at.0 + MINUTE_MS - 1).div_euclid(MINUTE_MS) * MINUTE_MS;
        Self { start: Timestamp(start), minutes }
    }

    /// The last that were over at `at`.
    #[must_use]
    pub fn before(at: Timestamp, minutes: u16) -> Self {
        let end = at.0.div_euclid(MINUTE_MS) * MINUTE_MS;
        Self { start: Timestamp(end - i64::from(minutes) * MINUTE_MS), minutes }
    }

    /// The same with one more minute before and after.
    #[must_use]
    pub fn wider(self) -> Self {
        let minutes = self.minutes.saturating_add(2);
        Self { start: Timestamp(self.start.0 - MINUTE_MS), minutes }
    }

    /// When the last is over.
    #[must_use]
    pub fn end(self) -> Timestamp {
        Timestamp(self.start.0 + i64::from(self.minutes) * MINUTE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::route::Route;

    fn traffic(requests: &[Option<f32>]) -> Traffic {
        let minute = |requests: &Option<f32>| Minute { requests: *requests, ..Minute::default() };
        let minutes = requests.iter().map(minute).collect();
        let series = Series { deployment: "anet-eedi".parse().expect("a name"), minutes };
        Traffic { start: Timestamp(0), series: vec![series], trouble: None }
    }

    #[test]
    fn the_newest_minute_is_over_and_measured() {
        assert_eq!(traffic(&[Some(9.0), Some(8.0), Some(1.0)]).newest(), 1);
        assert_eq!(traffic(&[Some(9.0), None, None]).newest(), 0);
        assert_eq!(traffic(&[None, None, Some(1.0)]).newest(), 2);
        assert_eq!(traffic(&[]).newest(), 0);
    }

    #[test]
    fn a_period_is_whole_minutes_on_one_side_of_a_moment() {
        for (at, after, before) in
            [(600_000, 600_000, 480_000), (600_001, 660_000, 480_000), (659_999, 660_000, 480_000)]
        {
            let period = Period::after(Timestamp(at), 2);
            assert_eq!((period.start.0, period.end().0), (after, after + 120_000), "{at}");
            let period = Period::before(Timestamp(at), 2);
            assert_eq!((period.start.0, period.end().0), (before, before + 120_000), "{at}");
        }
    }

    #[test]
    fn how_long_live_requests_take_is_told_by_most_of_them() {
        let series = |name: &str, minutes: &[(f32, f32)]| {
            let minute = |(requests, p99): &(f32, f32)| Minute {
                requests: Some(*requests),
                p99_ms: Some(*p99),
                ..Minute::default()
            };
            let deployment = name.parse().expect("a name");
            Series { deployment, minutes: minutes.iter().map(minute).collect() }
        };
        let blue = series("blue", &[(80.0, 20.5), (15.0, 90.0), (5.0, 4_000.0), (0.0, 9_000.0)]);
        let shadow = series("green", &[(1_000.0, 5.0)]);
        let all = |trouble| Traffic {
            start: Timestamp(0),
            series: vec![shadow.clone(), blue.clone()],
            trouble,
        };
        let split = |text: &str| text.parse::<Route>().expect("a route").split().clone();
        let live = split("blue=100;mirror=green:10");
        assert_eq!(all(None).p99_ms(&live), Some(90), "a slow minute of few requests is left out");
        assert_eq!(all(None).p99_ms(&split("green=100")), Some(5));
        assert_eq!(all(None).p99_ms(&split("red=100")), None, "nothing was measured");
        assert_eq!(all(Some("old".to_owned())).p99_ms(&live), None, "what is old is not known");
    }
}
