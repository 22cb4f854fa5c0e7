//! Guards: one rule each over a change, with a sentence that says why and what to do.
//!
//! A guard is one file with one pure function over a [`Case`]: what is moved, on which endpoint as
//! observed, and what else is known ([`Facts`]). It says nothing when the rule is not about such a change.
//! What would be needed and is not known is said as a warning, never passed over. [`TABLE`] lists them all;
//! the browser judges routes with [`ROUTE`] alone, so that the others stay out of its download.

pub mod case;
pub mod facts;

mod alert_counts_numbers;
mod assets_exist;
mod assets_registered;
mod bandwidth_suffices;
mod changes_something;
mod create_and_live_apart;
mod delete_only_idle;
mod deployment_exists;
mod deployments_ready;
mod endpoint_exists;
mod environment_matches;
mod evidence_complete;
mod image_fresh;
mod inputs_answered;
mod instance_type_recreates;
mod live_adds_up;
mod load_tests_on_dev;
mod mirror_possible;
mod mirrored_before_live;
mod name_to_keep;
mod names_legal;
mod new_not_replaced;
mod no_run_in_flight;
mod no_update_of_live;
mod nothing_left_to_workflow;
mod one_change_at_a_time;
mod others_remain;
mod quota_suffices;
mod release_agrees;
mod room_for_one_more;
mod size_offered;
mod stage_open;
mod timeout_covers_p99;
mod watchers_exist;

#[cfg(test)]
pub(crate) mod trial;

use super::endpoint::Endpoint;
use super::plan::Target;
use super::route::Route;
use case::{Case, Move};
use facts::Facts;
use serde::{Deserialize, Serialize};

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The rule holds.
    Passes,
    /// It can be done, and someone should know.
    Warns,
    /// It must not be done.
    Blocks,
}

/// One guard's verdict over one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which guard, by its stable id.
    pub guard: String,
    /// The rule, in a few words.
    pub rule: String,
    /// What it says.
    pub level: Level,
    /// Why, and what to do.
    pub reason: String,
    /// What the rule is, why it is, and what to do about it in general.
    pub help: String,
}

/// What a guard's function finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    level: Level,
    reason: String,
}

fn passes(reason: impl Into<String>) -> Option<Finding> {
    Some(Finding { level: Level::Passes, reason: reason.into() })
}

fn warns(reason: impl Into<String>) -> Option<Finding> {
    Some(Finding { level: Level::Warns, reason: reason.into() })
}

fn blocks(reason: impl Into<String>) -> Option<Finding> {
    Some(Finding { level: Level::Blocks, reason: reason.into() })
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// Its stable id, in kebab case: records and policies refer to it.
    pub id: &'static str,
    /// The rule, in a few words.
    pub rule: &'static str,
    /// What the rule is, why it is, and what to do about it in general.
    pub help: &'static str,
    check: fn(&Case<'_>) -> Option<Finding>,
}

impl Guard {
    /// Judges; `None` when the rule is not about such a change.
    #[must_use]
    pub fn judge(&self, case: &Case<'_>) -> Option<Verdict> {
        (self.check)(case).map(|Finding { level, reason }| Verdict {
            guard: self.id.to_owned(),
            rule: self.rule.to_owned(),
            level,
            reason,
            help: self.help.to_owned(),
        })
    }
}

/// All guards, in the order in which verdicts are shown.
pub const TABLE: [Guard; 34] = [
    inputs_answered::GUARD,
    changes_something::GUARD,
    stage_open::GUARD,
    endpoint_exists::GUARD,
    one_change_at_a_time::GUARD,
    no_run_in_flight::GUARD,
    names_legal::GUARD,
    name_to_keep::GUARD,
    room_for_one_more::GUARD,
    deployment_exists::GUARD,
    new_not_replaced::GUARD,
    no_update_of_live::GUARD,
    instance_type_recreates::GUARD,
    delete_only_idle::GUARD,
    others_remain::GUARD,
    create_and_live_apart::GUARD,
    deployments_ready::GUARD,
    live_adds_up::GUARD,
    mirror_possible::GUARD,
    mirrored_before_live::GUARD,
    bandwidth_suffices::GUARD,
    assets_registered::GUARD,
    assets_exist::GUARD,
    size_offered::GUARD,
    environment_matches::GUARD,
    image_fresh::GUARD,
    quota_suffices::GUARD,
    timeout_covers_p99::GUARD,
    watchers_exist::GUARD,
    alert_counts_numbers::GUARD,
    nothing_left_to_workflow::GUARD,
    load_tests_on_dev::GUARD,
    evidence_complete::GUARD,
    release_agrees::GUARD,
];

/// The guards over a new route that the browser can judge, for the sliders.
pub const ROUTE: [Guard; 8] = [
    changes_something::GUARD,
    stage_open::GUARD,
    one_change_at_a_time::GUARD,
    no_run_in_flight::GUARD,
    deployments_ready::GUARD,
    live_adds_up::GUARD,
    mirror_possible::GUARD,
    mirrored_before_live::GUARD,
];

/// Guards over what comes and goes by itself, or can still be brought: hours, a freeze, runs, quota, images,
/// assets, evidence. Where a stage asks for approvals they are judged when a change is approved or started, and do
/// not keep anybody from proposing it.
pub const JUDGED_AT_START: [&str; 8] = [
    stage_open::GUARD.id,
    no_run_in_flight::GUARD.id,
    assets_exist::GUARD.id,
    bandwidth_suffices::GUARD.id,
    image_fresh::GUARD.id,
    quota_suffices::GUARD.id,
    timeout_covers_p99::GUARD.id,
    evidence_complete::GUARD.id,
];

/// What some guards say about a change.
#[must_use]
pub fn judge(guards: &[Guard], case: &Case<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for guard in guards {
        verdicts.extend(guard.judge(case));
    }
    verdicts
}

/// What the sliders' guards say about a new route.
#[must_use]
pub fn over_route(endpoint: &Endpoint, after: &Route, facts: &Facts) -> Vec<Verdict> {
    let moves = [Move::SetRoute(after.clone())];
    let at = Target::Endpoint(endpoint.key.clone());
    judge(&ROUTE, &Case { at: &at, endpoint: Some(endpoint), moves: &moves, facts })
}

/// The sentences of the verdicts that forbid a change; `None` when none does.
#[must_use]
pub fn blocked(verdicts: &[Verdict]) -> Option<String> {
    said(verdicts.iter().filter(|verdict| verdict.level == Level::Blocks))
}

/// The sentences of the verdicts that forbid even to propose a change; `None` when none does.
#[must_use]
pub fn not_to_propose(verdicts: &[Verdict]) -> Option<String> {
    let lasts = |verdict: &&Verdict| {
        verdict.level == Level::Blocks && !JUDGED_AT_START.contains(&verdict.guard.as_str())
    };
    said(verdicts.iter().filter(lasts))
}

fn said<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> Option<String> {
    let reasons: Vec<_> = verdicts.map(|verdict| verdict.reason.as_str()).collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_stable_unique_and_in_kebab_case() {
        let ids: BTreeSet<_> = TABLE.iter().map(|guard| guard.id).collect();
        assert_eq!(ids.len(), TABLE.len());
        for guard in TABLE {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(guard.id.chars().all(kebab), "{}", guard.id);
            assert!(guard.help.len() > 80, "{} explains itself", guard.id);
            assert!(guard.rule.len() < 60, "{} is short", guard.rule);
        }
        for guard in ROUTE {
            assert!(ids.contains(guard.id));
        }
        assert!(JUDGED_AT_START.iter().all(|id| ids.contains(id)));
    }

    #[test]
    fn what_is_judged_at_the_start_does_not_keep_from_proposing() {
        let says = |guard: &str, level| Verdict {
            guard: guard.to_owned(),
            rule: String::new(),
            level,
            reason: format!("{guard}."),
            help: String::new(),
        };
        let late = says("evidence-complete", Level::Blocks);
        let lasting = says("live-adds-up", Level::Blocks);
        let warning = says("mirrored-before-live", Level::Warns);
        assert_eq!(blocked(&[late.clone(), warning]).as_deref(), Some("evidence-complete."));
        assert_eq!(not_to_propose(std::slice::from_ref(&late)), None);
        assert_eq!(not_to_propose(&[late, lasting]).as_deref(), Some("live-adds-up."));
    }
}
