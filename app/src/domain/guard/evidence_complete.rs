//! Required evidence is there.

use super::case::Case;
use super::facts::{Evidence, EvidenceState};
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "evidence-complete",
    rule: "Required evidence is there",
    help: "A stage's policy may ask for evidence before live traffic moves: a load test that passed, a \
           comparison with the shadow, both not older than it says. Missing data never counts as good. \
           Capture the evidence again and attach it.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let goes_live = case.after().is_some_and(|after| {
        let before = case.before();
        after.split().iter().any(|(name, share)| share > before.split().share(name))
    });
    if !goes_live {
        return None;
    }
    let Some(required) = &case.facts.evidence else {
        return passes("This stage's policy requires no evidence.");
    };
    let mut missing = Vec::new();
    for Evidence { what, state } in required {
        match state {
            EvidenceState::Good => {}
            EvidenceState::Missing => missing.push(format!("{what} is missing")),
            EvidenceState::Failed => missing.push(format!("{what} has failed")),
            EvidenceState::Stale => missing.push(format!("{what} is too old")),
        }
    }
    if missing.is_empty() {
        passes("Everything that the policy requires is there, good and recent.")
    } else {
        blocks(format!("{}. Capture it again before live traffic moves.", missing.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says, set_route};

    #[test]
    fn table() {
        let on = endpoint("blue green", "blue=100");
        let with = |state| Facts {
            evidence: Some(vec![Evidence { what: "load test".to_owned(), state }]),
            ..Facts::default()
        };
        let live = [set_route("blue=50,green=50")];
        let none = Facts::default();
        says(GUARD, Some(&on), &live, &none, Some((Passes, "requires no evidence")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Good), Some((Passes, "recent")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Missing), Some((Blocks, "is missing")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Failed), Some((Blocks, "has failed")));
        says(GUARD, Some(&on), &live, &with(EvidenceState::Stale), Some((Blocks, "too old")));
        let mirror = [set_route("blue=100;mirror=green:5")];
        says(GUARD, Some(&on), &mirror, &with(EvidenceState::Missing), None);
    }
}
