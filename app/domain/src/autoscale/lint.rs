//! What is wrong with an autoscale setting, as a table of rules. Each is a pure function.

mod capacity;
mod metric;
mod pairs;
mod timing;

#[cfg(test)]
mod tests;

use super::setting::{Profile, Rule, Setting};
use serde::{Deserialize, Serialize};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It works, and probably not as meant.
    Warning,
    /// Azure rejects it, or it does the opposite of what is meant.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The id of the rule in [`TABLE`].
    pub lint: String,
    pub level: Level,
    /// The name of the profile; `None` for the setting as a whole.
    pub profile: Option<String>,
    /// The rule in the profile, from 0; `None` for the profile as a whole.
    pub rule: Option<usize>,
    /// What is wrong, what it means, and what to do.
    pub says: String,
}

/// A setting with what is known of its deployment.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub setting: &'a Setting,
    /// The ARM id of the deployment.
    pub deployment: &'a str,
    /// Its number of instances; `None` if not read.
    pub instances: Option<u32>,
}

/// What a lint found, before it has the lint's id.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    level: Level,
    profile: Option<String>,
    rule: Option<usize>,
    says: String,
}

/// A rule about settings.
#[derive(Debug, Clone, Copy)]
pub struct Lint {
    /// In kebab case. It never changes.
    pub id: &'static str,
    /// The rule, in a few words.
    pub rule: &'static str,
    check: fn(&Case<'_>) -> Vec<Found>,
}

/// All lints, in the order of their findings.
pub const TABLE: [Lint; 16] = [
    Lint {
        id: "right-target",
        rule: "The setting scales this deployment",
        check: metric::right_target,
    },
    Lint { id: "enabled", rule: "The setting is enabled", check: capacity::enabled },
    Lint {
        id: "directions-agree",
        rule: "High load adds instances, and low load removes them",
        check: pairs::directions_agree,
    },
    Lint { id: "scales-both-ways", rule: "What grows can shrink", check: pairs::scales_both_ways },
    Lint {
        id: "no-flapping",
        rule: "Scaling in does not cause scaling out",
        check: pairs::no_flapping,
    },
    Lint { id: "same-metric", rule: "One metric scales out and in", check: pairs::same_metric },
    Lint {
        id: "limits-ordered",
        rule: "Minimum ≤ default ≤ maximum",
        check: capacity::limits_ordered,
    },
    Lint {
        id: "limits-fit-count",
        rule: "The limits include the present number of instances",
        check: capacity::limits_fit_count,
    },
    Lint { id: "never-zero", rule: "At least one instance", check: capacity::never_zero },
    Lint { id: "step-fits", rule: "A step fits into the limits", check: capacity::step_fits },
    Lint { id: "sizes", rule: "At most 20 profiles with 10 rules each", check: capacity::sizes },
    Lint {
        id: "one-default",
        rule: "One profile applies at all other times",
        check: capacity::one_default,
    },
    Lint { id: "metric-exists", rule: "The resource has the metric", check: metric::metric_exists },
    Lint {
        id: "namespace-fits",
        rule: "The namespace is that of the resource",
        check: metric::namespace_fits,
    },
    Lint { id: "cool-down", rule: "There is a pause after each step", check: timing::cool_down },
    Lint { id: "window", rule: "The period of the samples is allowed", check: timing::window },
];

/// All findings about a setting.
#[must_use]
pub fn lint(case: &Case<'_>) -> Vec<Finding> {
    let one = |lint: &Lint| {
        let id = lint.id;
        let found = (lint.check)(case).into_iter();
        found.map(move |Found { level, profile, rule, says }| Finding {
            lint: id.to_owned(),
            level,
            profile,
            rule,
            says,
        })
    };
    TABLE.iter().flat_map(one).collect()
}

fn whole(level: Level, says: impl Into<String>) -> Found {
    Found { level, profile: None, rule: None, says: says.into() }
}

fn of_profile(level: Level, profile: &Profile, says: impl Into<String>) -> Found {
    Found { level, profile: Some(profile.name.clone()), rule: None, says: says.into() }
}

fn of_rule(level: Level, profile: &Profile, rule: usize, says: impl Into<String>) -> Found {
    Found { level, profile: Some(profile.name.clone()), rule: Some(rule), says: says.into() }
}

/// All rules with their profiles and places.
fn rules<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a Profile, usize, &'a Rule)> {
    let profiles = case.setting.properties.profiles.iter();
    profiles.flat_map(|profile| {
        profile.rules.iter().enumerate().map(move |(at, rule)| (profile, at, rule))
    })
}
