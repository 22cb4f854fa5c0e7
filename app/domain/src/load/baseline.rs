//! The run with which a later one is compared: the last that passed.

use super::id::TestRunId;
use super::results::Results;
use super::verdict::Verdict;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub run: TestRunId,
    pub ended: Timestamp,
    pub verdict: Verdict,
    /// The SHA-256 of the plan ([`Plan::canonical`](super::plan::Plan::canonical)) in lower-case hexadecimal.
    pub plan: String,
    pub results: Results,
}

/// Why a criterion has no baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoBaseline {
    /// No earlier run passed.
    NonePassed,
    /// Earlier runs passed, but with another plan: other requests have other times.
    OtherPlan,
}

impl NoBaseline {
    /// The reason as a sentence.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::NonePassed => {
                "No earlier run of this test passed, so there is nothing to compare with."
            }
            Self::OtherPlan => {
                "The earlier runs that passed had another plan, so their times cannot be compared with these."
            }
        }
    }
}

/// The newest run that passed with this plan and ended before `before`.
///
/// # Errors
/// [`NoBaseline`] if there is no such run.
pub fn last_passed<'a>(
    history: &'a [Past],
    plan: &str,
    before: Timestamp,
) -> Result<&'a Past, NoBaseline> {
    let passed =
        || history.iter().filter(|past| past.verdict == Verdict::Passed && past.ended < before);
    match passed().filter(|past| past.plan == plan).max_by_key(|past| past.ended) {
        Some(past) => Ok(past),
        None if passed().next().is_some() => Err(NoBaseline::OtherPlan),
        None => Err(NoBaseline::NonePassed),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{results, sample};
    use super::*;

    #[test]
    fn the_baseline_is_the_newest_run_that_passed_with_the_same_plan() {
        let past = |run: &str, ended: i64, verdict, plan: &str| Past {
            run: run.parse().expect("an id"),
            ended: Timestamp(ended),
            verdict,
            plan: plan.to_owned(),
            results: results(sample(100, 0, 5)),
        };
        let history = [
            past("run-1", 1, Verdict::Passed, "a"),
            past("run-2", 2, Verdict::Passed, "a"),
            past("run-3", 3, Verdict::Failed, "a"),
            past("run-4", 4, Verdict::Inconclusive, "a"),
            past("run-5", 5, Verdict::Passed, "b"),
            past("run-6", 9, Verdict::Passed, "a"),
        ];
        let of = |plan, before| {
            last_passed(&history, plan, Timestamp(before)).map(|past| past.run.as_str())
        };
        assert_eq!(of("a", 9), Ok("run-2"));
        assert_eq!(of("a", 10), Ok("run-6"));
        assert_eq!(of("c", 9), Err(NoBaseline::OtherPlan));
        assert_eq!(of("a", 1), Err(NoBaseline::NonePassed));
    }
}
