//! The usual duration of steps, from earlier comparable steps of the same stage.

use crate::plan::step::StepKind;
use crate::provisioning::Phase;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The minimum number of durations for an estimate.
pub const TIMES_MIN: usize = 3;

/// The properties that make steps comparable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pace {
    /// The kind of step. For a wait, the kind of the step that it waits for.
    pub kind: StepKind,
    /// The instance type of the deployment.
    pub instance_type: Option<String>,
    /// One phase of a deployment's creation; `None` for the whole step.
    pub phase: Option<Phase>,
}

/// A usual duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    /// The median, in milliseconds.
    pub ms: i64,
    pub of: usize,
}

/// Measured durations of comparable steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paces(BTreeMap<Pace, Vec<i64>>);

impl Paces {
    /// Adds a duration in milliseconds.
    pub fn add(&mut self, pace: Pace, ms: i64) {
        self.0.entry(pace).or_default().push(ms);
    }

    /// The usual duration, if at least [`TIMES_MIN`] were measured.
    #[must_use]
    pub fn usual(&self, pace: &Pace) -> Option<Usual> {
        let mut times = self.0.get(pace)?.clone();
        if times.len() < TIMES_MIN {
            return None;
        }
        times.sort_unstable();
        Some(Usual { ms: *times.get(times.len() / 2)?, of: times.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(size: &str) -> Pace {
        Pace { kind: StepKind::PutDeployment, instance_type: Some(size.to_owned()), phase: None }
    }

    #[test]
    fn the_usual_duration_is_the_median_of_enough_comparable_steps() {
        let mut paces = Paces::default();
        for ms in [9_000, 1_000] {
            paces.add(pace("a"), ms);
        }
        paces.add(pace("b"), 5);
        assert_eq!(paces.usual(&pace("a")), None);
        paces.add(pace("a"), 2_000);
        assert_eq!(paces.usual(&pace("a")), Some(Usual { ms: 2_000, of: 3 }));
        assert_eq!(paces.usual(&pace("b")), None);
        assert_eq!(paces.usual(&pace("c")), None);
    }
}
