//! What a run's steps measured: what a share's baking showed, and what clients would have noticed while the
//! route changed.

use crate::domain::decimal::Decimal;
use crate::domain::name::DeploymentName;
use crate::domain::policy::conditions::Condition;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that a step measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// What was observed of each condition, and its limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bake: Vec<Reading>,
    /// What probes of the endpoint met while its route was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

impl Measured {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bake.is_empty() && self.probe.is_none()
    }
}

/// One condition as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// Which.
    pub condition: Condition,
    /// Its limit.
    pub limit: Decimal,
    /// What was observed; `None` when nothing was measured.
    pub observed: Option<Decimal>,
}

impl Reading {
    /// Whether the condition is met. What was not measured is not.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.observed.is_some_and(|observed| self.condition.holds(self.limit, observed))
    }

    /// What was observed, for people.
    #[must_use]
    pub fn found(&self) -> String {
        let value = |observed| self.condition.value(observed);
        self.observed.map_or_else(|| "not measured".to_owned(), value)
    }
}

impl fmt::Display for Reading {
    /// `anet-green: errors 10.2 %, allowed is at most 1 %`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deployment, condition, limit, .. } = self;
        let (label, limit) = (condition.label(), condition.limit(*limit));
        write!(f, "{deployment}: {label} {}, wanted {limit}", self.found())
    }
}

/// What came of probing an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// The stage's configuration names nothing to probe with.
    Unasked,
    /// It was probed.
    Tally(Tally),
    /// It could not be probed.
    Impossible {
        /// Why.
        why: String,
    },
}

/// Probes, counted. Each is a request as any client sends it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those that came to an end.
    pub done: u32,
    /// Of these, those that no model answered: the connection failed, nothing came in time, or the endpoint
    /// itself answered with an error (408, 429, 503 and their like).
    pub failed: u32,
    /// Of these, those that the model itself answered with an error: that is no gap of the endpoint's.
    pub model_errors: u32,
    /// Those that were still under way at the end.
    pub open: u32,
    /// The longest that an answer took, or that an open one had waited, in milliseconds.
    pub worst_ms: Option<u32>,
    /// Whether it began only after the route had been sent: another process had the run in hand before.
    pub is_late: bool,
}

impl fmt::Display for Probe {
    /// `0 of 412 failed, worst 38 ms`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked => f.write_str(
                "Nobody probed the endpoint meanwhile; “probe” in the stage's configuration switches it on.",
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
            write!(f, "; {model_errors} answered by the model with an error")?;
        }
        if *open > 0 {
            write!(f, "; {open} still open at the end")?;
        }
        if *is_late {
            f.write_str("; measured only since the console took the run up again")?;
        }
        f.write_str(".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_and_tallies_are_sentences() {
        let reading = |observed: Option<f64>| Reading {
            deployment: "anet-green".parse().expect("a name"),
            condition: Condition::ErrorsPercentMax,
            limit: Decimal::whole(1),
            observed: observed.and_then(Decimal::at_least),
        };
        for (observed, good, text) in [
            (Some(10.2), false, "anet-green: Errors 10.2 %, wanted at most 1 %"),
            (Some(0.0), true, "anet-green: Errors 0 %, wanted at most 1 %"),
            (None, false, "anet-green: Errors not measured, wanted at most 1 %"),
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
                "Probes: 9 of 412 failed, worst 38 ms; 2 answered by the model with an error; 1 still open at \
                 the end; measured only since the console took the run up again.",
            ),
        ] {
            assert_eq!(Probe::Tally(tally).to_string(), text);
        }
    }

    #[test]
    fn nothing_measured_leaves_no_trace_in_a_journal() {
        let text = serde_json::to_string(&Measured::default()).expect("JSON");
        assert_eq!(text, "{}");
        assert!(Measured::default().is_empty());
    }
}
