//! A replay diff: one request sent to two deployments by name, with their answers compared field by field.
//!
//! Requests and answers may contain personal data. The console stores only their SHA-256, and the place and kind of
//! each difference.

use super::Finding;
use super::answers::Compared;
use super::rule::ReplayRule;
use crate::decimal::Decimal;
use crate::name::DeploymentName;
use crate::scoring::took;
use serde::{Deserialize, Serialize};

/// The answer of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// The deployment that the request named.
    pub deployment: DeploymentName,
    /// The deployment in the response's header.
    pub answered_by: Option<String>,
    pub status: u16,
    /// Milliseconds from sending the request to the last byte of the answer.
    pub duration_ms: u32,
    /// SHA-256 of the body, in lower-case hexadecimal.
    pub sha256: String,
}

impl Replayed {
    fn is_good(&self) -> bool {
        let is_own = |name: &String| name.eq_ignore_ascii_case(self.deployment.as_str());
        (200..300).contains(&self.status) && self.answered_by.as_ref().is_none_or(is_own)
    }
}

/// A replay diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// SHA-256 of the request's body, in lower-case hexadecimal.
    pub request_sha256: String,
    pub live: Replayed,
    pub shadow: Replayed,
    /// The largest relative difference at which two numbers counted as equal.
    pub tolerance: Decimal,
    pub compared: Compared,
}

impl Replay {
    /// Judges the diff by a rule.
    #[must_use]
    pub fn judge(&self, rule: &ReplayRule) -> Vec<Finding> {
        let (live, shadow) = (&self.live, &self.shadow);
        let answered = Finding {
            holds: live.is_good() && shadow.is_good(),
            says: format!(
                "{} answered {} in {}, and {} answered {} in {}. Latency is not judged by a single request.",
                live.deployment,
                live.status,
                took(live.duration_ms),
                shadow.deployment,
                shadow.status,
                took(shadow.duration_ms)
            ),
        };
        let (most, Compared { values, differences, .. }) = (rule.differences_max, &self.compared);
        let same = Finding {
            holds: *values > 0 && *differences <= most,
            says: format!(
                "{differences} of {values} values differ; at most {most} may differ. Numbers counted as equal up to a \
                 relative difference of {}.",
                self.tolerance
            ),
        };
        let asks = rule.number_tolerance;
        let coarse = (self.tolerance > asks).then(|| {
            Finding::not(&format!(
                "The policy now requires a tolerance of {asks}. Capture the diff again."
            ))
        });
        [answered, same].into_iter().chain(coarse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::compare;
    use super::*;
    use serde_json::{Value, json};

    const TENTH_OF_A_PERCENT: Decimal = Decimal::parts(10);

    fn replay(status: [u16; 2], live: &Value, shadow: &Value) -> Replay {
        let replayed = |deployment: &str, status| Replayed {
            deployment: deployment.parse().expect("a name"),
            answered_by: Some(deployment.to_owned()),
            status,
            duration_ms: 5,
            sha256: "0".repeat(64),
        };
        Replay {
            request_sha256: "0".repeat(64),
            live: replayed("blue", status[0]),
            shadow: replayed("green", status[1]),
            tolerance: TENTH_OF_A_PERCENT,
            compared: compare(live, shadow, TENTH_OF_A_PERCENT),
        }
    }

    fn is_good(replay: &Replay, rule: &ReplayRule) -> bool {
        replay.judge(rule).iter().all(|finding| finding.holds)
    }

    #[test]
    fn a_diff_is_good_only_if_both_answered_and_few_values_differ() {
        let rule = ReplayRule::default();
        let same = json!({"score": 0.5});
        assert!(is_good(&replay([200, 200], &same, &same), &rule));
        assert!(!is_good(&replay([200, 500], &same, &same), &rule));
        assert!(!is_good(&replay([424, 424], &same, &same), &rule), "both answered with errors");
        let other = json!({"score": 0.6});
        assert!(!is_good(&replay([200, 200], &same, &other), &rule));
        let lenient = ReplayRule { differences_max: 1, ..rule.clone() };
        assert!(is_good(&replay([200, 200], &same, &other), &lenient));
        assert!(
            !is_good(&replay([200, 200], &json!({}), &json!({})), &rule),
            "nothing was compared"
        );
        let strict = ReplayRule { number_tolerance: Decimal::parts(1), ..rule.clone() };
        assert!(!is_good(&replay([200, 200], &same, &same), &strict));
        let mut astray = replay([200, 200], &same, &same);
        astray.shadow.answered_by = Some("blue".to_owned());
        assert!(!is_good(&astray, &rule), "another deployment answered");
    }
}
