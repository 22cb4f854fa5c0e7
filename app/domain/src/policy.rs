//! A stage's requirements for changes: approvals, evidence, windows, and how fast traffic may move.

pub mod conditions;
pub mod promotion;
mod window;

use super::evidence::rule::Required;
use super::timestamp::Timestamp;
use promotion::Promotion;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub use window::{TimeOfDay, Weekday, Window};

/// A stage's policy. The default is an unprotected stage, which requires no approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Number of required approvals, 0 to [`Policy::APPROVALS_MAX`]. The proposer's own approval never counts.
    pub approvals: u8,
    /// Sign-in names of the approvers. If empty, everybody with the right may approve.
    pub approvers: BTreeSet<String>,
    /// Sets of sign-in names that belong to one person, who cannot approve their own proposal with another account.
    pub same_person: Vec<BTreeSet<String>>,
    /// When changes may start. If empty, at any time.
    pub windows: Vec<Window>,
    /// Hours after which a pending change expires, 1 to [`Policy::EXPIRY_HOURS_MAX`].
    pub expiry_hours: u32,
    /// The shares through which a deployment gets more live traffic. If `None`, traffic moves in one step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion: Option<Promotion>,
    /// The evidence required before a deployment gets more live traffic.
    pub evidence: Required,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approvals: 0,
            approvers: BTreeSet::new(),
            same_person: Vec::new(),
            windows: Vec::new(),
            expiry_hours: 72,
            promotion: None,
            evidence: Required::default(),
        }
    }
}

impl Policy {
    /// Maximum number of required approvals: our own limit, about the size of a team on duty.
    pub const APPROVALS_MAX: u8 = 5;
    /// Maximum expiry in hours, a quarter of a year: older decisions no longer fit the current state.
    pub const EXPIRY_HOURS_MAX: u32 = 24 * 92;

    /// Whether another person must approve changes.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.approvals > 0
    }

    /// Whether the policy restricts changes at all. How fast traffic moves is no restriction.
    #[must_use]
    pub fn restricts(&self) -> bool {
        self.is_protected() || !self.windows.is_empty() || !self.evidence.is_empty()
    }

    /// The problem with the policy and its key, if any.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let Self { approvals, approvers, windows, expiry_hours, evidence, .. } = self;
        if *approvals > Self::APPROVALS_MAX {
            return Some(format!(
                "approvals: {approvals} is too many; use 0 to {}",
                Self::APPROVALS_MAX
            ));
        }
        let enough = approvers.is_empty() || approvers.len() >= usize::from(*approvals);
        if !enough {
            return Some(format!(
                "approvers: {} are named, but {approvals} must approve: no change could ever start",
                approvers.len()
            ));
        }
        if !(1..=Self::EXPIRY_HOURS_MAX).contains(expiry_hours) {
            return Some(format!(
                "expiry_hours: {expiry_hours} is not between 1 and {}",
                Self::EXPIRY_HOURS_MAX
            ));
        }
        let of_evidence = || evidence.problem().map(|problem| format!("evidence.{problem}"));
        windows.iter().find_map(Window::problem).or_else(of_evidence)
    }

    /// The policy as facts for the ledger, with `key` as the prefix of each name.
    #[must_use]
    pub fn facts(&self, key: &str) -> Vec<(String, String)> {
        let Self { approvals, approvers, same_person, windows, expiry_hours, promotion, evidence } =
            self;
        let names = |names: &BTreeSet<String>| {
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let people: Vec<_> = same_person.iter().map(names).collect();
        let windows: Vec<_> = windows.iter().map(ToString::to_string).collect();
        let mut facts = vec![
            (format!("{key}.approvals"), approvals.to_string()),
            (format!("{key}.approvers"), names(approvers)),
            (format!("{key}.same_person"), people.join("; ")),
            (format!("{key}.windows"), windows.join("; ")),
            (format!("{key}.expiry_hours"), expiry_hours.to_string()),
        ];
        facts.extend(promotion.iter().flat_map(|promotion| promotion.facts(key)));
        facts.extend(evidence.facts(&format!("{key}.evidence")));
        facts
    }

    /// Whether two sign-in names belong to the same person. Entra ignores case in sign-in names.
    #[must_use]
    pub fn are_one_person(&self, one: &str, other: &str) -> bool {
        let has = |names: &BTreeSet<String>, name: &str| {
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        one.eq_ignore_ascii_case(other)
            || self.same_person.iter().any(|names| has(names, one) && has(names, other))
    }

    /// Whether the list of approvers is empty or contains this sign-in name.
    #[must_use]
    pub fn names_as_approver(&self, username: &str) -> bool {
        self.approvers.is_empty()
            || self.approvers.iter().any(|name| name.eq_ignore_ascii_case(username))
    }

    /// When a change that was proposed at this time expires.
    #[must_use]
    pub fn expiry(&self, proposed: Timestamp) -> Timestamp {
        Timestamp(proposed.0.saturating_add(i64::from(self.expiry_hours) * 3_600_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> Window {
        let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
        Window {
            time_zone: "Europe/Berlin".to_owned(),
            days: [Weekday::Monday, Weekday::Friday].into(),
            from: time(from),
            to: time(to),
        }
    }

    #[test]
    fn a_policy_that_no_change_could_pass_is_rejected() {
        let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let good = Policy { approvals: 1, ..Policy::default() };
        assert_eq!(good.problem(), None);
        for (policy, part) in [
            (Policy { approvals: 6, ..good.clone() }, "approvals: 6"),
            (
                Policy { approvals: 2, approvers: named(&["a@x"]), ..good.clone() },
                "could ever start",
            ),
            (Policy { expiry_hours: 0, ..good.clone() }, "expiry_hours: 0"),
            (Policy { windows: vec![window("10:00", "10:00")], ..good.clone() }, "is empty"),
            (
                Policy {
                    windows: vec![Window { days: BTreeSet::new(), ..window("10:00", "11:00") }],
                    ..good.clone()
                },
                "no days",
            ),
        ] {
            assert!(policy.problem().expect(part).contains(part), "{policy:?}");
        }
    }

    #[test]
    fn accounts_of_one_person_are_recognized() {
        let pair = ["dana@x".to_owned(), "dana.admin@x".to_owned()];
        let policy = Policy { same_person: vec![pair.into()], ..Policy::default() };
        assert!(policy.are_one_person("Dana@X", "dana.ADMIN@x"));
        assert!(policy.are_one_person("lee@x", "LEE@x"));
        assert!(!policy.are_one_person("dana@x", "lee@x"));
    }
}
