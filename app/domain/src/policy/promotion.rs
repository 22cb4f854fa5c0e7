//! Moves live traffic in steps. After each step the share bakes, and must meet conditions before the next step.

use super::conditions::Conditions;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The key in the policy.
const KEY: &str = "promotion";

/// The steps of a promotion. A policy without one moves traffic in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The shares through which traffic moves.
    pub steps: Steps,
    pub bake_minutes: BakeMinutes,
    /// The conditions that each share must meet while it bakes.
    pub conditions: Conditions,
}

impl Promotion {
    /// The promotion as facts for the ledger, with `key` as the prefix of each name.
    #[must_use]
    pub fn facts(&self, key: &str) -> Vec<(String, String)> {
        let Self { steps, bake_minutes, conditions } = self;
        vec![
            (format!("{key}.{KEY}.steps"), steps.to_string()),
            (format!("{key}.{KEY}.bake_minutes"), bake_minutes.get().to_string()),
            (format!("{key}.{KEY}.conditions"), conditions.to_string()),
        ]
    }
}

/// Shares of live traffic in percent, in increasing order; the last is 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u32>", into = "Vec<u32>")]
pub struct Steps(Vec<u8>);

impl Steps {
    /// Maximum number of steps: each adds a PUT, a wait and a bake to a run, whose journal is limited.
    pub const COUNT_MAX: usize = 10;

    /// The shares, in order.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<u32>> for Steps {
    type Error = String;

    fn try_from(steps: Vec<u32>) -> Result<Self, String> {
        let refused = |why: String| Err(format!("{KEY}: steps: {why}"));
        if steps.len() > Self::COUNT_MAX {
            return refused(format!(
                "{} are too many; use at most {}",
                steps.len(),
                Self::COUNT_MAX
            ));
        }
        let mut shares = Vec::new();
        for step in &steps {
            match (u8::try_from(*step), shares.last()) {
                (Ok(share @ 1..=100), last) if last.is_none_or(|last| *last < share) => {
                    shares.push(share);
                }
                (Ok(1..=100), Some(last)) => {
                    return refused(format!("{step} is not greater than {last} before it"));
                }
                _ => return refused(format!("{step} is not a percentage from 1 to 100")),
            }
        }
        match shares.last() {
            Some(100) => Ok(Self(shares)),
            _ => refused("the last one must be 100. Example: [10, 50, 100]".to_owned()),
        }
    }
}

impl From<Steps> for Vec<u32> {
    fn from(steps: Steps) -> Self {
        steps.0.into_iter().map(u32::from).collect()
    }
}

impl fmt::Display for Steps {
    /// `10, 50, 100`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shares: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&shares.join(", "))
    }
}

/// Minutes for which a share bakes, `1..=1440`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct BakeMinutes(u16);

impl BakeMinutes {
    /// A day: people must watch for problems that take longer to appear.
    pub const MAX: u16 = 24 * 60;

    /// The number of minutes.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u32> for BakeMinutes {
    type Error = String;

    fn try_from(minutes: u32) -> Result<Self, String> {
        match u16::try_from(minutes) {
            Ok(minutes @ 1..=Self::MAX) => Ok(Self(minutes)),
            _ => Err(format!(
                "{KEY}: bake_minutes: {minutes} is not between 1 and {}, a day",
                Self::MAX
            )),
        }
    }
}

impl From<BakeMinutes> for u32 {
    fn from(minutes: BakeMinutes) -> Self {
        Self::from(minutes.0)
    }
}

impl fmt::Display for BakeMinutes {
    /// `1 minute`, `30 minutes`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} minute{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(
        steps: serde_json::Value,
        bake: i64,
        conditions: serde_json::Value,
    ) -> Result<Promotion, String> {
        let written = json!({ "steps": steps, "bake_minutes": bake, "conditions": conditions });
        serde_json::from_value(written).map_err(|error| error.to_string())
    }

    #[test]
    fn a_promotion_survives_serialization_and_has_facts() {
        let conditions = json!({ "requests_min": 100, "errors_percent_max": 1.0, "p99_ms_max": 800, "p99_ratio_max": 1.5 });
        let promotion = read(json!([10, 50, 100]), 30, conditions).expect("a valid promotion");
        let again: Promotion = serde_json::from_value(json!(promotion)).expect("a promotion");
        assert_eq!(again, promotion);
        let facts = promotion.facts("stages.anet-prod.policy");
        let facts: Vec<_> =
            facts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(
            facts,
            [
                ("stages.anet-prod.policy.promotion.steps", "10, 50, 100"),
                ("stages.anet-prod.policy.promotion.bake_minutes", "30"),
                (
                    "stages.anet-prod.policy.promotion.conditions",
                    "at least 100 requests, at most 1 % errors, a minute p99 of at most 800 ms, a minute p99 of at most 1.5 × the others’"
                ),
            ]
        );
    }

    #[test]
    fn problems_name_their_key() {
        let good = json!({ "errors_percent_max": 1 });
        for (steps, bake, conditions, part) in [
            (json!([]), 30, good.clone(), "steps: the last one must be 100"),
            (json!([10, 50]), 30, good.clone(), "steps: the last one must be 100"),
            (json!([0, 100]), 30, good.clone(), "steps: 0 is not a percentage"),
            (json!([10, 101]), 30, good.clone(), "steps: 101 is not a percentage"),
            (json!([4_000_000, 100]), 30, good.clone(), "steps: 4000000 is not a percentage"),
            (json!([50, 50, 100]), 30, good.clone(), "steps: 50 is not greater than 50"),
            (json!([50, 10, 100]), 30, good.clone(), "steps: 10 is not greater than 50"),
            (
                json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100]),
                30,
                good.clone(),
                "steps: 11 are too many",
            ),
            (json!([100]), 0, good.clone(), "bake_minutes: 0 is not between 1 and 1440"),
            (json!([100]), 1_441, good.clone(), "bake_minutes: 1441 is not between"),
            (json!([100]), 70_000, good, "bake_minutes: 70000 is not between"),
            (json!([100]), 1, json!({}), "conditions: there are no conditions"),
            (json!([100]), 1, json!({ "requests_min": 0 }), "requests_min: 0"),
            (json!([100]), 1, json!({ "errors_percent_max": 101 }), "errors_percent_max: 101"),
            (json!([100]), 1, json!({ "errors_percent_max": 0.001 }), "0.001 has more"),
            (json!([100]), 1, json!({ "errors_percent_max": 0.00001 }), "more than four"),
            (json!([100]), 1, json!({ "p99_ms_max": 0 }), "p99_ms_max: 0"),
            (json!([100]), 1, json!({ "p99_ratio_max": 0 }), "p99_ratio_max: 0"),
            (json!([100]), 1, json!({ "p98_ms_max": 1 }), "unknown field `p98_ms_max`"),
        ] {
            let error = read(steps.clone(), bake, conditions).expect_err(part);
            assert!(error.contains(part), "{steps}: {error}");
        }
    }
}
