//! Breaking glass: doing at once what a stage's policy forbids, by the word of one lead or administrator.
//!
//! A policy protects from haste; some hours ask for haste. What can be set aside is listed by [`Rule`] and is
//! nothing but the policy. What protects from mistakes stays in force: the plan is made and shown first, hard
//! rules of Azure and of the product block it, and route and deployments are compared again before each PUT.
//!
//! [`set_aside`] says which rules a plan would set aside, by name. They become part of what lets the run begin
//! ([`Glass`], in [`Consent::Glass`](super::run::warrant::Consent)), so a rule that nobody saw is not set aside.
//! What was done stays on pages ([`Broken`]) until somebody else acknowledges it.

mod broken;
pub mod deed;

#[cfg(test)]
mod tests;

pub use broken::{Acknowledged, Broken};
pub use deed::Deed;

use super::guard::{Level, Verdict};
use super::stage::Freeze;
use super::uuid::is_uuid;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The field with the name of the endpoint, typed by the person.
pub const TYPED: &str = "endpoint";
/// The field with the hash of the plan and of the rules that the person saw.
pub const SEEN: &str = "seen";
/// The field with the form's own id.
pub const FORM: &str = "form";

/// Identifies one broken glass. The form that asks for it brings the id along, so that a form that is sent twice
/// breaks glass once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GlassId(pub String);

impl FromStr for GlassId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_uuid(text) {
            true => Ok(Self(text.to_owned())),
            false => {
                Err("There is no such record of broken glass; the history lists them".to_owned())
            }
        }
    }
}

impl fmt::Display for GlassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A rule of a stage's policy that breaking glass can set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Other people have to approve.
    Approval,
    /// Somebody froze the stage.
    Freeze,
    /// Changes start at some hours only.
    Hours,
    /// Evidence is required before more live traffic.
    Evidence,
    /// Only some runs can be rolled back without an approval.
    RollBack,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Approval, Self::Freeze, Self::Hours, Self::Evidence, Self::RollBack];

    /// Its word in the ledger and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Freeze => "freeze",
            Self::Hours => "hours",
            Self::Evidence => "evidence",
            Self::RollBack => "roll-back",
        }
    }

    /// Its name, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Approval => "Approval by another person",
            Self::Freeze => "Freeze of the stage",
            Self::Hours => "Hours in which changes start",
            Self::Evidence => "Required evidence",
            Self::RollBack => "Roll-back without an approval",
        }
    }
}

/// A rule that is set aside, and what it said then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Which.
    pub rule: Rule,
    /// What it says, in a sentence.
    pub says: String,
}

/// What lets a run begin where the policy forbids it: who breaks glass stands in the run itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glass {
    /// Its id, which the form brought along.
    pub id: GlassId,
    /// Why, in the person's words.
    pub reason: String,
    /// The rules that the person saw, and no others.
    pub set_aside: Vec<SetAside>,
}

impl Glass {
    /// Whether a rule is among those that were set aside.
    #[must_use]
    pub fn sets_aside(&self, rule: Rule) -> bool {
        self.set_aside.iter().any(|one| one.rule == rule)
    }
}

/// The names of the rules, in one line.
#[must_use]
pub fn names(set_aside: &[SetAside]) -> String {
    set_aside.iter().map(|one| one.rule.label()).collect::<Vec<_>>().join(", ")
}

/// What a stage's policy says to a plan now.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTheWay<'a> {
    /// How many people must approve.
    pub approvals: u8,
    /// Who froze the stage, if anybody did.
    pub freeze: Option<&'a Freeze>,
    /// When the next window opens, outside of all windows.
    pub opens: Option<&'a str>,
    /// Why the ordinary roll-back is not possible, when the plan is one.
    pub no_way_back: Option<&'a str>,
    /// What the guards say about the plan.
    pub verdicts: &'a [Verdict],
}

/// Guards that speak for the policy alone; what the others forbid is never set aside.
const OF_THE_POLICY: [&str; 2] = ["stage-open", "evidence-complete"];

/// Which rules breaking glass would set aside for a plan.
///
/// # Errors
/// A sentence: a rule forbids the plan that cannot be set aside, or none stands in the way.
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
        return Err(format!("{} Breaking glass does not set this aside.", forbidden.join(" ")));
    }
    let lacks = verdicts.iter().filter(blocking).find(|one| one.guard == "evidence-complete");
    let approval = (approvals > 0).then(|| match approvals {
        1 => "One person besides you has to approve it.".to_owned(),
        count => format!("{count} people besides you have to approve it."),
    });
    let all = [
        (Rule::Approval, approval),
        (Rule::Freeze, freeze.map(|freeze| format!("{} froze it: {}", freeze.by, freeze.reason))),
        (
            Rule::Hours,
            opens.map(|opens| format!("No change starts now. The next window opens {opens}.")),
        ),
        (Rule::Evidence, lacks.map(|verdict| verdict.reason.clone())),
        (Rule::RollBack, no_way_back.map(str::to_owned)),
    ];
    let found: Vec<_> =
        all.into_iter().filter_map(|(rule, says)| Some(SetAside { rule, says: says? })).collect();
    match found.is_empty() {
        false => Ok(found),
        true => Err("No rule of the stage's policy stands in the way, so there is nothing to set aside. Do it \
                     without breaking glass."
            .to_owned()),
    }
}
