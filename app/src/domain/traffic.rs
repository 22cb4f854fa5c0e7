//! Measured traffic of an endpoint's deployments, minute by minute, as Azure Monitor keeps it.

use super::name::DeploymentName;
use super::route::Split;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

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

    /// How long live requests take, in milliseconds: nine of ten of them fell in minutes whose 99th
    /// percentile was this or less. So a single slow minute does not speak for all, and percentiles are
    /// not averaged, which would make them mean nothing. `None` when nothing live was measured, or when
    /// the newest values are missing.
    #[must_use]
    pub fn p99_ms(&self, live: &Split) -> Option<u32> {
        if self.trouble.is_some() {
            return None;
        }
        let is_live = |series: &&Series| live.share(&series.deployment) > 0;
        let minutes = self.series.iter().filter(is_live).flat_map(|series| &series.minutes);
        let mut measured: Vec<(f32, f32)> = minutes
            .filter_map(|minute| minute.p99_ms.zip(minute.requests))
            .filter(|(p99, requests)| p99.is_finite() && *requests > 0.0)
            .collect();
        measured.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all: f32 = measured.iter().map(|(_, requests)| requests).sum();
        let mut seen = 0.0;
        for (p99, requests) in measured {
            seen += requests;
            if seen >= all * 0.9 {
                return Some(p99.ceil() as u32);
            }
        }
        None
    }

    /// A deployment's minutes.
    #[must_use]
    pub fn of(&self, name: &DeploymentName) -> Option<&Series> {
        self.series.iter().find(|series| series.deployment == *name)
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
