//! A one-line summary of a deployment's measurements.

use crate::traffic::Series;
use std::fmt;

/// The measurements of one deployment over all shown minutes.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) requests: f32,
    errors: f32,
    p95_ms: Option<f32>,
}

impl Window {
    pub(super) fn of(series: Option<&Series>) -> Self {
        let mut window = Self::default();
        for minute in series.map(|series| series.minutes.as_slice()).unwrap_or_default() {
            window.requests += minute.requests.unwrap_or(0.0);
            window.errors += minute.errors.unwrap_or(0.0);
            window.p95_ms = match (window.p95_ms, minute.p95_ms) {
                (Some(most), Some(here)) => Some(most.max(here)),
                (most, here) => most.or(here),
            };
        }
        window
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} requests, {:.0} errors", self.requests, self.errors)?;
        match self.p95_ms {
            Some(ms) => write!(f, ", p95 at most {ms:.0} ms"),
            None => Ok(()),
        }
    }
}
