//! Each deployment whose live share rises has the required evidence.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::evidence::fact::{Evidence, EvidenceState};
use crate::evidence::status::{lacking, rising};

pub(super) const GUARD: Guard = Guard {
    id: "evidence-complete",
    rule: "Required evidence exists",
    help: "A stage's policy may require evidence before a deployment gets more live traffic: a comparison \
           with the live deployments, or a replayed request, with a maximum age. Missing data never counts as \
           good. A change can be proposed without the evidence, but not approved or started. Capture the \
           evidence on the change's page or on the endpoint's page.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let known = case.facts.evidence.as_ref()?;
    let rising = rising(&case.before(), case.after()?);
    let mut required = Vec::new();
    for name in &rising {
        let before = required.len();
        required.extend(known.iter().filter(|one| one.deployment == *name).cloned());
        if required.len() == before {
            // A deployment that does not exist yet has no evidence.
            let (what, deployment) = (format!("evidence of {name}"), name.clone());
            required.push(Evidence { what, deployment, state: EvidenceState::Missing });
        }
    }
    if required.is_empty() {
        return None;
    }
    match lacking(&required) {
        None => passes("All evidence that the policy requires is present, good and recent."),
        Some(why) => blocks(format!("{why} Capture it before live traffic moves.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{endpoint, name, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn each_rising_deployment_needs_good_evidence() {
        let on = endpoint("blue green", "blue=100");
        let of = |deployment: &str, state| Evidence {
            what: format!("shadow comparison of {deployment}"),
            deployment: name(deployment),
            state,
        };
        let with = |state| GuardInputs {
            evidence: Some(vec![of("blue", EvidenceState::Missing), of("green", state)]),
            ..GuardInputs::default()
        };
        let live = [set_route("blue=50,green=50")];
        // The policy requires nothing.
        says(GUARD, Some(&on), &live, &GuardInputs::default(), None);
        // Only green gets more traffic, so the missing evidence of blue does not matter.
        says(GUARD, Some(&on), &live, &with(EvidenceState::Good), Some((Passes, "recent")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Missing), Some((Blocks, "is missing")));
        says(
            GUARD,
            Some(&on),
            &live,
            &with(EvidenceState::Failed),
            Some((Blocks, "does not meet")),
        );
        says(GUARD, Some(&on), &live, &with(EvidenceState::Stale), Some((Blocks, "too old")));
        let superseded = with(EvidenceState::Superseded);
        says(GUARD, Some(&on), &live, &superseded, Some((Blocks, "an earlier deployment")));
        let mirror = [set_route("blue=100;mirror=green:5")];
        says(GUARD, Some(&on), &mirror, &with(EvidenceState::Missing), None);
        let unknown = GuardInputs { evidence: Some(Vec::new()), ..GuardInputs::default() };
        says(GUARD, Some(&on), &live, &unknown, Some((Blocks, "evidence of green is missing")));
    }
}
