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
    /// The requests of the last `n` minutes.
    #[must_use]
    pub fn requests_of_last(&self, n: usize) -> f32 {
        self.minutes.iter().rev().take(n).filter_map(|minute| minute.requests).sum()
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
