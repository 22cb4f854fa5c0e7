//! Measurements of a run's steps: conditions while a share bakes, and probes while the route changes.

use crate::policy::conditions::Reading;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The measurements of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The conditions of the bake, each with its observed value and limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bake: Vec<Reading>,
    /// The results of probing the endpoint while its route was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

impl Measured {
    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bake.is_empty() && self.probe.is_none()
    }
}

/// The outcome of probing an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// The stage's configuration has no `probe`.
    Unasked,
    Tally(Tally),
    Impossible {
        why: String,
    },
}

/// Counts of probes. Each probe is an ordinary client request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Completed probes.
    pub done: u32,
    /// Completed probes without an answer from the model: the connection failed, the request timed out, or the
    /// endpoint itself answered with an error (such as 408, 429, 503).
    pub failed: u32,
    /// Completed probes that the model answered with an error. These do not count as an outage of the endpoint.
    pub model_errors: u32,
    /// Probes still in flight at the end.
    pub open: u32,
    /// The longest response time or wait of an open probe, in milliseconds.
    pub worst_ms: Option<u32>,
    /// Whether probing began only after the route was sent, because another process had started the run.
    pub is_late: bool,
}

impl fmt::Display for Probe {
    /// `0 of 412 failed, worst 38 ms`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked => f.write_str(
                "The endpoint was not probed. To probe during route changes, set “probe” in the stage's configuration.",
            ),
            Self::Impossible { why } => write!(f, "The endpoint could not be probed: {why}"),
            Self::Tally(tally) => tally.fmt(f),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, failed, model_errors, open, worst_ms, is_late } = self;
        write!(f, "Probes: {failed} of {done} failed")?;
        if let Some(worst) = worst_ms {
            write!(f, ", worst {worst} ms")?;
        }
        if *model_errors > 0 {
            write!(f, "; the model answered {model_errors} with an error")?;
        }
        if *open > 0 {
            write!(f, "; {open} still open at the end")?;
        }
        if *is_late {
            f.write_str("; measured only since the console resumed the run")?;
        }
        f.write_str(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;
    use crate::policy::conditions::Condition;

    #[test]
    fn readings_and_tallies_are_sentences() {
        let reading = |observed: Option<f64>| Reading {
            deployment: "anet-green".parse().expect("a name"),
            condition: Condition::ErrorsPercentMax,
            limit: Decimal::whole(1),
            observed: observed.and_then(Decimal::at_least),
        };
        for (observed, good, text) in [
            (Some(10.2), false, "anet-green: Errors 10.2 % (required: at most 1 %)"),
            (Some(0.0), true, "anet-green: Errors 0 % (required: at most 1 %)"),
            (None, false, "anet-green: Errors not measured (required: at most 1 %)"),
        ] {
            let reading = reading(observed);
            assert_eq!((reading.is_good(), reading.to_string().as_str()), (good, text));
        }
        let whole = Tally { done: 412, worst_ms: Some(38), ..Tally::default() };
        let bad = Tally { failed: 9, model_errors: 2, open: 1, is_late: true, ..whole };
        for (tally, text) in [
            (Tally::default(), "Probes: 0 of 0 failed."),
            (whole, "Probes: 0 of 412 failed, worst 38 ms."),
            (
                bad,
                "Probes: 9 of 412 failed, worst 38 ms; the model answered 2 with an error; 1 still open at \
                 the end; measured only since the console resumed the run.",
            ),
        ] {
            assert_eq!(Probe::Tally(tally).to_string(), text);
        }
    }

    #[test]
    fn an_empty_measurement_is_not_serialized() {
        let text = serde_json::to_string(&Measured::default()).expect("JSON");
        assert_eq!(text, "{}");
        assert!(Measured::default().is_empty());
    }
}
