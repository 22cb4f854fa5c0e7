//! What a load test is made of. Azure Load Testing keeps a test's plan from its creation, and the templates create each
//! test once. So a changed plan under an old name would silently not run: it must be noticed.

use super::id::{ID_MAX, TestId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a test is made of: its files and settings. Secrets are in it by their addresses only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// The SHA-256 of each file in lower-case hexadecimal, by its name.
    pub files: BTreeMap<String, String>,
    /// The settings by their dotted path in the configuration: `engineInstances`, `env.RATE`, `failureCriteria[0]`.
    pub settings: BTreeMap<String, String>,
}

/// How a plan relates to the stored test of its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is no such test yet.
    New,
    /// The stored test has this plan.
    Same,
    /// The stored test has another plan, which would run instead.
    Changed {
        /// What differs, one phrase each, without values: `locustfile.py has other content`.
        differences: Vec<String>,
    },
    /// A test has this name, but this console did not create it, so its plan is not known.
    Unknown,
}

impl Plan {
    /// The text whose SHA-256 is the plan's hash: canonical, so that equal plans have equal hashes.
    #[must_use]
    pub fn canonical(&self) -> String {
        // The keys of a `BTreeMap` are sorted, and all values are strings, so equal plans have the same text.
        serde_json::json!({"files": self.files, "settings": self.settings}).to_string()
    }

    /// What differs in another plan, without values, because variables may hold what nobody should read.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut all = changes(&self.files, &now.files, "has other content");
        all.extend(changes(&self.settings, &now.settings, "has another value"));
        all
    }

    /// Compares the plan with the stored test of its name. `exists`: whether the service has such a test. `stored`: the
    /// plan with which this console created it.
    #[must_use]
    pub fn standing(&self, exists: bool, stored: Option<&Self>) -> Standing {
        match (exists, stored) {
            (false, _) => Standing::New,
            (true, None) => Standing::Unknown,
            (true, Some(stored)) => match stored.differences(self) {
                differences if differences.is_empty() => Standing::Same,
                differences => Standing::Changed { differences },
            },
        }
    }
}

fn changes(
    was: &BTreeMap<String, String>,
    is: &BTreeMap<String, String>,
    differs: &str,
) -> Vec<String> {
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let change = |name: &String| match (was.get(name), is.get(name)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(_), Some(_)) => Some(format!("{name} {differs}")),
        (None, _) => Some(format!("{name} is new")),
        (_, None) => Some(format!("{name} is gone")),
    };
    names.into_iter().filter_map(change).collect()
}

impl Standing {
    /// Whether starting the test under this name runs this plan.
    #[must_use]
    pub fn runs_this(&self) -> bool {
        matches!(self, Self::New | Self::Same)
    }

    /// What the standing means for a run, in sentences.
    #[must_use]
    pub fn says(&self, id: &TestId) -> String {
        match self {
            Self::New => format!("Azure Load Testing has no test {id} yet. The run creates it."),
            Self::Same => format!("The test {id} has this plan."),
            Self::Changed { differences } => format!(
                "The test {id} has another plan, and a run under this name would use the old one: {}. Start it under a new \
                 name.",
                differences.join(", ")
            ),
            Self::Unknown => format!(
                "A test {id} exists, but this console did not create it and does not know its plan. A run under this name \
                 would use whatever plan it has. Start it under a new name."
            ),
        }
    }
}

/// The first free name for a changed plan: `nbq-2` after `nbq`, `nbq-3` after `nbq-2`. `None` if no legal name is free.
#[must_use]
pub fn new_name(name: &str, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    const TRIED_MAX: u32 = 1_000;
    let numbered =
        name.rsplit_once('-').and_then(|(stem, end)| Some((stem, end.parse::<u32>().ok()?)));
    let (stem, number) = numbered.unwrap_or((name, 1));
    let next = |number: u32| {
        let end = format!("-{number}");
        let stem = stem.get(..stem.len().min(ID_MAX - end.len())).unwrap_or(stem);
        format!("{stem}{end}")
    };
    let first = number.saturating_add(1);
    let mut names = (first..first.saturating_add(TRIED_MAX)).map(next);
    names.find(|name| !is_taken(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plan(files: &[(&str, &str)], settings: &[(&str, &str)]) -> Plan {
        let owned = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        Plan { files: owned(files), settings: owned(settings) }
    }

    #[test]
    fn a_changed_plan_under_an_old_name_is_noticed() {
        let stored = plan(
            &[("locustfile.py", "aa"), ("users.csv", "bb")],
            &[("engineInstances", "1"), ("env.PIN", "1")],
        );
        let now = plan(
            &[("locustfile.py", "ab"), ("more.csv", "bb")],
            &[("engineInstances", "1"), ("env.PIN", "2")],
        );
        let id: TestId = "lt-anet-ep-nbq".parse().expect("an id");
        assert_eq!(now.standing(false, None), Standing::New);
        assert_eq!(stored.standing(true, Some(&stored)), Standing::Same);
        assert_eq!(now.standing(true, None), Standing::Unknown);
        let changed = now.standing(true, Some(&stored));
        assert!(!changed.runs_this() && !Standing::Unknown.runs_this());
        let said = changed.says(&id);
        for part in [
            "locustfile.py has other content",
            "more.csv is new",
            "users.csv is gone",
            "env.PIN has another value",
            "under a new name",
        ] {
            assert!(said.contains(part), "{said}");
        }
        assert!(!said.contains("engineInstances"), "{said}");
    }

    #[test]
    fn a_new_name_counts_on() {
        for (name, next) in
            [("nbq", "nbq-2"), ("nbq-2", "nbq-3"), ("nbq-x", "nbq-x-2"), ("nbq-9", "nbq-10")]
        {
            assert_eq!(new_name(name, |_| false).as_deref(), Some(next));
        }
        assert_eq!(new_name("nbq", |name| name != "nbq-7").as_deref(), Some("nbq-7"));
        assert_eq!(new_name("nbq", |_| true), None);
        assert_eq!(new_name(&format!("nbq-{}", u32::MAX), |_| true), None);
    }

    proptest! {
        #[test]
        fn plans_have_the_same_canonical_text_only_if_they_are_equal(
            one in prop::collection::btree_map("[a-c\"]{0,2}", "[a-c\"]{0,2}", 0..4),
            other in prop::collection::btree_map("[a-c\"]{0,2}", "[a-c\"]{0,2}", 0..4),
        ) {
            let one = Plan { files: one.clone(), settings: other.clone() };
            let other = Plan { files: other, settings: one.files.clone() };
            prop_assert_eq!(one == other, one.canonical() == other.canonical());
            prop_assert_eq!(one == other, one.differences(&other).is_empty());
        }
    }
}
