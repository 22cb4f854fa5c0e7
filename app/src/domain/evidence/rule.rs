//! What a stage's policy asks evidence to say before live traffic moves. Only kinds of evidence that exist
//! can be asked for.

use super::Kind;
use crate::domain::decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

/// Oldest evidence that a policy may still take, in hours: four weeks. What was measured before says nothing
/// about the clients of today.
pub const AGE_HOURS_MAX: u32 = 24 * 28;

/// What must be there; nothing of what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Required {
    /// A comparison of the shadow with what is live.
    #[serde(deserialize_with = "asked", skip_serializing_if = "Option::is_none")]
    pub shadow_comparison: Option<ShadowRule>,
    /// A request sent to both, and the answers compared.
    #[serde(deserialize_with = "asked", skip_serializing_if = "Option::is_none")]
    pub replay_diff: Option<ReplayRule>,
}

/// A key without a value asks for the kind with its default limits: it must not mean “not required”.
fn asked<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<Option<T>, D::Error> {
    Ok(Some(Option::<T>::deserialize(from)?.unwrap_or_default()))
}

/// What a shadow comparison must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShadowRule {
    /// Hours after which it is too old, 1 to [`AGE_HOURS_MAX`].
    pub max_age_hours: u32,
    /// Requests that each side must have answered, at least 1.
    pub requests_min: u32,
    /// Most of the shadow's requests that may have failed, in per cent.
    pub errors_percent_max: Decimal,
    /// How many times the live side's p99 the shadow's may be.
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

/// What a replay diff must say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayRule {
    /// Hours after which it is too old, 1 to [`AGE_HOURS_MAX`].
    pub max_age_hours: u32,
    /// How far two numbers may be apart, as a share of the larger, and still count as equal: 0.001 is a
    /// tenth of a per cent.
    pub number_tolerance: Decimal,
    /// Most fields that may differ.
    pub differences_max: u32,
}

impl Default for ReplayRule {
    fn default() -> Self {
        Self { max_age_hours: 24, number_tolerance: Decimal::parts(10), differences_max: 0 }
    }
}

impl Required {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The kinds that are required, with the hours after which each is too old.
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

    /// All of it for people, a line each.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let shadow = self.shadow_comparison.as_ref().map(|rule| {
            format!(
                "A shadow comparison, at most {} h old: {} requests on each side, {} % of the shadow's failed at \
                 most, its p99 at most {} times that of what is live",
                rule.max_age_hours, rule.requests_min, rule.errors_percent_max, rule.p99_ratio_max
            )
        });
        let replay = self.replay_diff.as_ref().map(|rule| {
            format!(
                "A replay diff, at most {} h old: {} values differ at most, numbers by more than a share of {}",
                rule.max_age_hours, rule.differences_max, rule.number_tolerance
            )
        });
        shadow.into_iter().chain(replay).collect()
    }

    /// What is wrong with it, naming the key; `None` when it can be used.
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
                    "requests_min: 0 would call nothing at all good; 1 is the least".to_owned(),
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
                        "{key}: {limit} has more than two decimals, to which it is measured"
                    ));
                }
            }
            let none = *p99_ratio_max == Decimal::whole(0);
            none.then(|| {
                "p99_ratio_max: 0 could never be held; 1 means as quick as live".to_owned()
            })
        };
        let shadow = || {
            let problem = of_shadow(self.shadow_comparison.as_ref()?)?;
            Some(format!("shadow_comparison.{problem}"))
        };
        let replay = || {
            let tolerance = self.replay_diff.as_ref()?.number_tolerance;
            (tolerance >= Decimal::whole(1)).then(|| {
                format!("replay_diff.number_tolerance: {tolerance} would call all numbers equal; it is below 1")
            })
        };
        self.kinds().into_iter().find_map(age).or_else(shadow).or_else(replay)
    }

    /// All of it as facts, for the record; `key` stands before each.
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
    fn a_key_without_a_value_asks_for_the_default() {
        let whole = Some(ShadowRule::default());
        for json in [r#"{"shadow_comparison":null}"#, r#"{"shadow_comparison":{}}"#] {
            assert_eq!(read(json).shadow_comparison, whole, "{json}");
        }
        assert!(read("{}").is_empty());
        // As it travels to the browser: what is not asked for stays so.
        let text = serde_json::to_string(&read(r#"{"replay_diff":{}}"#)).expect("JSON");
        assert_eq!(read(&text).shadow_comparison, None);
        assert_eq!(read(&text).replay_diff, Some(ReplayRule::default()));
    }

    #[test]
    fn what_could_never_be_or_would_always_be_is_refused_by_its_key() {
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
