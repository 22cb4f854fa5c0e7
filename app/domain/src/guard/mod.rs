//! Guards: rules that a change must keep. Each guard gives a verdict with a sentence that says why, and what to do.
//!
//! A guard is a pure function over a [`GuardContext`]: the moves of a change, the observed endpoint, and the [`GuardInputs`]. A
//! guard gives no verdict on a change that its rule does not concern. If a fact that the rule needs is unknown, the
//! guard warns. [`TABLE`] lists all guards. The browser judges routes with [`ROUTE`] only, to keep its download
//! small.

pub mod context;
pub mod inputs;

mod assets_exist;
mod assets_registered;
mod bandwidth_suffices;
mod capacity_suffices;
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
pub(crate) mod fixtures;
#[cfg(test)]
mod table_tests;

use super::endpoint::Endpoint;
use super::route::Route;
use crate::target::Target;
use context::{GuardContext, Move};
use inputs::GuardInputs;
use serde::{Deserialize, Serialize};

/// The level of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The rule holds.
    Passes,
    /// The change is possible, but has a risk or depends on something unknown.
    Warns,
    /// The change is not allowed.
    Blocks,
}

/// One guard's verdict on one change. Stored plans may contain verdicts of guards that no longer exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub guard: String,
    /// The rule, in a few words.
    pub rule: String,
    pub level: Level,
    /// Why the guard gives this level to this change, and what to do.
    pub reason: String,
    /// The rule in full, the reason for it, and what to do in general.
    pub help: String,
}

/// The result of a guard's function.
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
    /// The id in kebab case. It never changes, because plan hashes and stored verdicts contain it.
    pub id: &'static str,
    /// The rule, in a few words.
    pub rule: &'static str,
    /// The rule in full, the reason for it, and what to do in general.
    pub help: &'static str,
    /// The levels that the guard can give.
    pub levels: &'static [Level],
    /// Whether the rule concerns something that changes by itself or can still be added: hours, a freeze, runs, quota,
    /// images, assets, evidence. On a stage that requires approvals, such a guard blocks approving and starting a
    /// change, but not proposing one.
    pub judged_at_start: bool,
    check: fn(&GuardContext<'_>) -> Option<Finding>,
}

impl Guard {
    /// Judges a change; `None` if the rule does not concern it.
    #[must_use]
    pub fn judge(&self, case: &GuardContext<'_>) -> Option<Verdict> {
        (self.check)(case).map(|Finding { level, reason }| {
            debug_assert!(self.levels.contains(&level), "{} does not declare {level:?}", self.id);
            Verdict {
                guard: self.id.to_owned(),
                rule: self.rule.to_owned(),
                level,
                reason,
                help: self.help.to_owned(),
            }
        })
    }
}

/// All guards, in the order of the verdicts on screens.
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
    capacity_suffices::GUARD,
    bandwidth_suffices::GUARD,
    assets_registered::GUARD,
    assets_exist::GUARD,
    size_offered::GUARD,
    environment_matches::GUARD,
    image_fresh::GUARD,
    quota_suffices::GUARD,
    timeout_covers_p99::GUARD,
    watchers_exist::GUARD,
    nothing_left_to_workflow::GUARD,
    load_tests_on_dev::GUARD,
    evidence_complete::GUARD,
    release_agrees::GUARD,
];

/// The guards of a new route that the browser can judge, for the sliders.
pub const ROUTE: [Guard; 9] = [
    changes_something::GUARD,
    stage_open::GUARD,
    one_change_at_a_time::GUARD,
    no_run_in_flight::GUARD,
    deployments_ready::GUARD,
    live_adds_up::GUARD,
    mirror_possible::GUARD,
    mirrored_before_live::GUARD,
    capacity_suffices::GUARD,
];

const JUDGED_AT_START_COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < TABLE.len() {
        if TABLE[at].judged_at_start {
            count += 1;
        }
        at += 1;
    }
    count
};

/// The ids of the guards with [`Guard::judged_at_start`]. Computed by the compiler, so that the browser does not
/// download [`TABLE`] for them.
const JUDGED_AT_START: [&str; JUDGED_AT_START_COUNT] = {
    let mut ids = [""; JUDGED_AT_START_COUNT];
    let (mut count, mut at) = (0, 0);
    while at < TABLE.len() {
        if TABLE[at].judged_at_start {
            ids[count] = TABLE[at].id;
            count += 1;
        }
        at += 1;
    }
    ids
};

/// The verdicts of these guards on a change.
#[must_use]
pub fn judge(guards: &[Guard], case: &GuardContext<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for guard in guards {
        verdicts.extend(guard.judge(case));
    }
    verdicts
}

/// The verdicts of [`ROUTE`] on a new route.
#[must_use]
pub fn over_route(endpoint: &Endpoint, after: &Route, facts: &GuardInputs) -> Vec<Verdict> {
    let moves = [Move::SetRoute(after.clone())];
    let at = Target::Endpoint(endpoint.key.clone());
    judge(&ROUTE, &GuardContext { at: &at, endpoint: Some(endpoint), moves: &moves, facts })
}

/// The reasons of the verdicts that block a change; `None` if no verdict does.
#[must_use]
pub fn blocked(verdicts: &[Verdict]) -> Option<String> {
    reasons(verdicts.iter().filter(|verdict| verdict.level == Level::Blocks))
}

/// The reasons of the verdicts that block even proposing a change; `None` if no verdict does.
#[must_use]
pub fn not_to_propose(verdicts: &[Verdict]) -> Option<String> {
    let is_lasting = |verdict: &&Verdict| {
        verdict.level == Level::Blocks && !JUDGED_AT_START.contains(&verdict.guard.as_str())
    };
    reasons(verdicts.iter().filter(is_lasting))
}

fn reasons<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> Option<String> {
    let reasons: Vec<_> = verdicts.map(|verdict| verdict.reason.as_str()).collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}
