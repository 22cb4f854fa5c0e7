//! The evidence that a stage's policy requires before live traffic moves.

use super::Kind;
use crate::decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

/// The highest `max_age_hours`: four weeks. Older measurements do not describe today's clients.
pub const AGE_HOURS_MAX: u32 = 24 * 28;

/// The required evidence. A kind that is left out is not required.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Required {
    #[serde(deserialize_with = "asked", skip_serializing_if = "Option::is_none")]
    pub shadow_comparison: Option<ShadowRule>,
    #[serde(deserialize_with = "asked", skip_serializing_if = "Option::is_none")]
    pub replay_diff: Option<ReplayRule>,
}

/// A key without a value requires the kind with its default limits.
fn asked<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Ok(Some(Option::<T>::deserialize(from)?.unwrap_or_default()))
}

/// The limits of a shadow comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShadowRule {
    /// The maximum age in hours, 1 to [`AGE_HOURS_MAX`].
    pub max_age_hours: u32,
    /// The minimum number of requests on each side, at least 1.
    pub requests_min: u32,
    /// The maximum error rate of the shadow, in percent.
    pub errors_percent_max: Decimal,
    /// The highest allowed ratio of the shadow's [minute p99](crate::traffic::minute_p99_ms) to the live side's.
    pub p99_ratio_max: Decimal,
}

impl Default for ShadowRule {
    fn default() -> Self {
        Self {
            max_age_hours: 24,
            requests_min: 100,
            errors_percent_max: Decimal::whole(1),
            p99_ratio_max: Decimal::parts(15_000),
        }
    }
}

/// The limits of a replay diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayRule {
    /// The maximum age in hours, 1 to [`AGE_HOURS_MAX`].
    pub max_age_hours: u32,
    /// The largest difference at which two numbers count as equal, relative to the larger number: 0.001 is 0.1 %.
    pub number_tolerance: Decimal,
    /// The maximum number of fields that differ.
    pub differences_max: u32,
}

impl Default for ReplayRule {
    fn default() -> Self {
        Self { max_age_hours: 24, number_tolerance: Decimal::parts(10), differences_max: 0 }
    }
}

impl Required {
    /// Whether no evidence is required.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The required kinds with their maximum age in hours.
    #[must_use]
    pub fn kinds(&self) -> Vec<(Kind, u32)> {
        let shadow = self.shadow_comparison.as_ref();
        let replay = self.replay_diff.as_ref();
        let shadow = shadow.map(|rule| (Kind::ShadowComparison, rule.max_age_hours));
        shadow
            .into_iter()
            .chain(replay.map(|rule| (Kind::ReplayDiff, rule.max_age_hours)))
            .collect()
    }

    /// The required evidence in words, one line for each kind.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let shadow = self.shadow_comparison.as_ref().map(|rule| {
            format!(
                "A shadow comparison, at most {} h old: at least {} requests on each side, at most {} % failed \
                 requests of the shadow, and a minute p99 of the shadow of at most {} times the live side's",
                rule.max_age_hours, rule.requests_min, rule.errors_percent_max, rule.p99_ratio_max
            )
        });
        let replay = self.replay_diff.as_ref().map(|rule| {
            format!(
                "A replay diff, at most {} h old: at most {} values differ. Numbers are equal up to a relative \
                 difference of {}",
                rule.max_age_hours, rule.differences_max, rule.number_tolerance
            )
        });
        shadow.into_iter().chain(replay).collect()
    }

    /// Why the requirement is invalid, with the key; `None` if it is valid.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let age = |(kind, hours): (Kind, u32)| {
            (!(1..=AGE_HOURS_MAX).contains(&hours)).then(|| {
                format!(
                    "{}.max_age_hours: {hours} is not between 1 and {AGE_HOURS_MAX}",
                    kind.word()
                )
            })
        };
        let of_shadow = |rule: &ShadowRule| {
            let ShadowRule { requests_min, errors_percent_max, p99_ratio_max, .. } = rule;
            if *requests_min == 0 {
                return Some(
                    "requests_min: 0 would accept a comparison without requests; the minimum is 1"
                        .to_owned(),
                );
            }
            if *errors_percent_max > Decimal::whole(100) {
                return Some(format!("errors_percent_max: {errors_percent_max} is more than 100"));
            }
            for (key, limit) in
                [("errors_percent_max", errors_percent_max), ("p99_ratio_max", p99_ratio_max)]
            {
                if !limit.is_hundredths() {
                    return Some(format!(
                        "{key}: {limit} has more than two decimals, the precision of measurements"
                    ));
                }
            }
            let none = *p99_ratio_max == Decimal::whole(0);
            none.then(|| {
                "p99_ratio_max: 0 can never be met; 1 means as fast as the live side".to_owned()
            })
        };
        let shadow = || {
            let problem = of_shadow(self.shadow_comparison.as_ref()?)?;
            Some(format!("shadow_comparison.{problem}"))
        };
        let replay = || {
            let tolerance = self.replay_diff.as_ref()?.number_tolerance;
            (tolerance >= Decimal::whole(1)).then(|| {
                format!("replay_diff.number_tolerance: {tolerance} would make all numbers equal; the value must be below 1")
            })
        };
        self.kinds().into_iter().find_map(age).or_else(shadow).or_else(replay)
    }

    /// The limits as facts for the history. `key` is the prefix of each key.
    #[must_use]
    pub fn facts(&self, key: &str) -> Vec<(String, String)> {
        let mut facts = Vec::new();
        let mut fact = |name: &str, value: String| facts.push((format!("{key}.{name}"), value));
        if let Some(rule) = &self.shadow_comparison {
            fact("shadow_comparison.max_age_hours", rule.max_age_hours.to_string());
            fact("shadow_comparison.requests_min", rule.requests_min.to_string());
            fact("shadow_comparison.errors_percent_max", rule.errors_percent_max.to_string());
            fact("shadow_comparison.p99_ratio_max", rule.p99_ratio_max.to_string());
        }
        if let Some(rule) = &self.replay_diff {
            fact("replay_diff.max_age_hours", rule.max_age_hours.to_string());
            fact("replay_diff.number_tolerance", rule.number_tolerance.to_string());
            fact("replay_diff.differences_max", rule.differences_max.to_string());
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Required {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn a_key_without_a_value_requires_the_default() {
        let whole = Some(ShadowRule::default());
        for json in [r#"{"shadow_comparison":null}"#, r#"{"shadow_comparison":{}}"#] {
            assert_eq!(read(json).shadow_comparison, whole, "{json}");
        }
        assert!(read("{}").is_empty());
        // The form that the browser gets: a kind that is not required stays so.
        let text = serde_json::to_string(&read(r#"{"replay_diff":{}}"#)).expect("JSON");
        assert_eq!(read(&text).shadow_comparison, None);
        assert_eq!(read(&text).replay_diff, Some(ReplayRule::default()));
    }

    #[test]
    fn limits_that_always_or_never_hold_are_refused_with_their_key() {
        assert_eq!(read(r#"{"shadow_comparison":{},"replay_diff":{}}"#).problem(), None);
        for (json, part) in [
            (r#"{"shadow_comparison":{"max_age_hours":0}}"#, "shadow_comparison.max_age_hours: 0"),
            (r#"{"replay_diff":{"max_age_hours":673}}"#, "replay_diff.max_age_hours: 673"),
            (r#"{"shadow_comparison":{"requests_min":0}}"#, "shadow_comparison.requests_min"),
            (r#"{"shadow_comparison":{"errors_percent_max":101}}"#, "errors_percent_max: 101"),
            (r#"{"shadow_comparison":{"errors_percent_max":0.001}}"#, "errors_percent_max: 0.001"),
            (r#"{"shadow_comparison":{"p99_ratio_max":1.001}}"#, "p99_ratio_max: 1.001"),
            (r#"{"shadow_comparison":{"p99_ratio_max":0}}"#, "shadow_comparison.p99_ratio_max"),
            (r#"{"replay_diff":{"number_tolerance":1}}"#, "replay_diff.number_tolerance: 1"),
        ] {
            assert!(read(json).problem().expect(json).contains(part), "{json}");
        }
        for wrong in [r#"{"load_test":{}}"#, r#"{"shadow_comparison":{"p99_max":1}}"#] {
            assert!(serde_json::from_str::<Required>(wrong).is_err(), "{wrong}");
        }
    }
}
