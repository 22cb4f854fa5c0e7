//! Required evidence is there, for each deployment whose live share rises.

use super::case::Case;
use super::facts::{Evidence, EvidenceState};
use super::{Finding, Guard, blocks, passes};
use crate::domain::evidence::standing::{lacking, rising};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "evidence-complete",
    rule: "Required evidence is there",
    help: "A stage's policy may ask for evidence before a deployment gets more live traffic: a comparison \
           with what is live, a replayed request, none older than it says. Missing data never counts as \
           good. A change can be proposed without it, and is neither approved nor started: capture it on \
           the change's page, or on the endpoint's.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let known = case.facts.evidence.as_ref()?;
    let rising = rising(&case.before(), case.after()?);
    let mut required = Vec::new();
    for name in &rising {
        let before = required.len();
        required.extend(known.iter().filter(|one| one.deployment == *name).cloned());
        if required.len() == before {
            // It is not there yet, so nothing can be known of it.
            let (what, deployment) = (format!("evidence of {name}"), name.clone());
            required.push(Evidence { what, deployment, state: EvidenceState::Missing });
        }
    }
    if required.is_empty() {
        return None;
    }
    match lacking(&required) {
        None => passes("Everything that the policy requires is there, good and recent."),
        Some(why) => blocks(format!("{why} Capture it before live traffic moves.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, name, says, set_route};

    #[test]
    fn table() {
        let on = endpoint("blue green", "blue=100");
        let of = |deployment: &str, state| Evidence {
            what: format!("shadow comparison of {deployment}"),
            deployment: name(deployment),
            state,
        };
        let with = |state| Facts {
            evidence: Some(vec![of("blue", EvidenceState::Missing), of("green", state)]),
            ..Facts::default()
        };
        let live = [set_route("blue=50,green=50")];
        // A policy that requires nothing is not spoken of.
        says(GUARD, Some(&on), &live, &Facts::default(), None);
        // Only green gets more: that nothing is known of blue does not matter.
        says(GUARD, Some(&on), &live, &with(EvidenceState::Good), Some((Passes, "recent")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Missing), Some((Blocks, "is missing")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Failed), Some((Blocks, "is not as")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Stale), Some((Blocks, "too old")));
        let superseded = with(EvidenceState::Superseded);
        says(GUARD, Some(&on), &live, &superseded, Some((Blocks, "another deployment")));
        let mirror = [set_route("blue=100;mirror=green:5")];
        says(GUARD, Some(&on), &mirror, &with(EvidenceState::Missing), None);
        let unknown = Facts { evidence: Some(Vec::new()), ..Facts::default() };
        says(GUARD, Some(&on), &live, &unknown, Some((Blocks, "evidence of green is missing")));
    }
}
