//! Breaking glass: one lead or administrator overrides a stage's policy.
//!
//! Only the rules of the policy, listed in [`Rule`], can be overridden. Protections against mistakes stay in force:
//! the person sees the plan first, rules of Azure and of the product still block it, and the console compares route
//! and deployments before each PUT.
//!
//! [`set_aside`] lists the rules that a plan would override. The list becomes part of the run's consent ([`Glass`] in
//! [`Consent::Glass`](super::run::warrant::Consent)), so a rule that the person did not see is never overridden.
//! Pages show the record ([`Broken`]) until another person acknowledges it.

mod broken;
pub mod purpose;

#[cfg(test)]
mod tests;

pub use broken::{Acknowledged, Broken};
pub use purpose::Purpose;

use super::guard::{Level, Verdict};
use super::ids::ChangeId;
use super::stage::Freeze;
use super::uuid::uuid_id;
use super::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};

/// The form field in which the person types the name of the endpoint.
pub const TYPED: &str = "endpoint";
/// The form field with the hash of the plan and the rules that the person saw.
pub const SEEN: &str = "seen";
/// The form field with the [`GlassId`].
pub const FORM: &str = "form";

uuid_id!(
    /// Identifies one use of break glass. The form contains the id, so a form that is sent twice breaks glass only once.
    GlassId, "There is no such record of broken glass. The audit log lists all of them"
);

/// A rule of a stage's policy that breaking glass can override.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Other people must approve.
    Approval,
    /// The stage is frozen.
    Freeze,
    /// Changes start only in windows.
    Hours,
    /// Evidence is required before more live traffic.
    Evidence,
    /// The limits on roll-backs without approval.
    RollBack,
}

vocabulary!(
    Rule:
    /// All rules.
    ALL,
    /// The rule's word in the ledger and in messages.
    word,
    /// The rule's name on screens.
    label,
    Approval = "approval", "Approval by another person";
    Freeze = "freeze", "Freeze of the stage";
    Hours = "hours", "Hours in which changes start";
    Evidence = "evidence", "Required evidence";
    RollBack = "roll-back", "Roll-back without an approval";
);

/// An overridden rule and its state at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub rule: Rule,
    /// A sentence that describes the rule's effect.
    pub says: String,
}

/// Consent by broken glass. The run itself records the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// The id from the form.
    pub id: GlassId,
    /// The reason in the person's words.
    pub reason: String,
    /// The rules that the person saw.
    pub set_aside: Vec<SetAside>,
    /// The pending change that the run applies, if glass was broken on a change's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
}

impl Glass {
    /// Whether a rule was overridden.
    #[must_use]
    pub fn sets_aside(&self, rule: Rule) -> bool {
        self.set_aside.iter().any(|one| one.rule == rule)
    }
}

/// The names of the rules, separated by commas.
#[must_use]
pub fn names(set_aside: &[SetAside]) -> String {
    set_aside.iter().map(|one| one.rule.label()).collect::<Vec<_>>().join(", ")
}

/// The state of a stage's policy for a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTheWay<'a> {
    /// The number of required approvals.
    pub approvals: u8,
    /// The freeze, if the stage is frozen.
    pub freeze: Option<&'a Freeze>,
    /// When the next window opens, if none is open.
    pub opens: Option<&'a str>,
    /// Why an ordinary roll-back is not possible, if the plan is a roll-back.
    pub no_way_back: Option<&'a str>,
    pub verdicts: &'a [Verdict],
}

/// The guards that check only the policy. Breaking glass never overrides other guards.
const OF_THE_POLICY: [&str; 2] = ["stage-open", "evidence-complete"];

/// The guards that do not block a run, because their rules are overridden.
#[must_use]
pub fn overridden_guards(set_aside: &[SetAside]) -> Vec<&'static str> {
    let [open, evidence] = OF_THE_POLICY;
    let guard = |one: &SetAside| match one.rule {
        Rule::Freeze | Rule::Hours => Some(open),
        Rule::Evidence => Some(evidence),
        Rule::Approval | Rule::RollBack => None,
    };
    set_aside.iter().filter_map(guard).collect()
}

/// The rules that breaking glass would override for a plan.
///
/// # Errors
/// A sentence: a rule that cannot be overridden blocks the plan, or no rule does.
pub fn set_aside(policy: InTheWay<'_>) -> Result<Vec<SetAside>, String> {
    let InTheWay { approvals, freeze, opens, no_way_back, verdicts } = policy;
    let blocking = |verdict: &&Verdict| verdict.level == Level::Blocks;
    let hard = |verdict: &&Verdict| !OF_THE_POLICY.contains(&verdict.guard.as_str());
    let forbidden: Vec<_> = verdicts
        .iter()
        .filter(blocking)
        .filter(hard)
        .map(|verdict| verdict.reason.as_str())
        .collect();
    if !forbidden.is_empty() {
        return Err(format!("{} Breaking glass does not override this.", forbidden.join(" ")));
    }
    let lacks = verdicts.iter().filter(blocking).find(|one| one.guard == "evidence-complete");
    let approval = (approvals > 0).then(|| match approvals {
        1 => "One other person must approve the change.".to_owned(),
        count => format!("{count} other people must approve the change."),
    });
    let all = [
        (Rule::Approval, approval),
        (
            Rule::Freeze,
            freeze.map(|freeze| format!("{} froze the stage: {}", freeze.by, freeze.reason)),
        ),
        (
            Rule::Hours,
            opens.map(|opens| format!("No change can start now. The next window opens {opens}.")),
        ),
        (Rule::Evidence, lacks.map(|verdict| verdict.reason.clone())),
        (Rule::RollBack, no_way_back.map(str::to_owned)),
    ];
    let found: Vec<_> =
        all.into_iter().filter_map(|(rule, says)| Some(SetAside { rule, says: says? })).collect();
    match found.is_empty() {
        false => Ok(found),
        true => Err(
            "No rule of the stage's policy blocks this, so there is nothing to override. Proceed \
                     without breaking glass."
                .to_owned(),
        ),
    }
}
