//! Measured traffic of an endpoint's deployments, minute by minute, as Azure Monitor keeps it.

use super::name::DeploymentName;
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

    /// A deployment's minutes.
    #[must_use]
    pub fn of(&self, name: &DeploymentName) -> Option<&Series> {
        self.series.iter().find(|series| series.deployment == *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
