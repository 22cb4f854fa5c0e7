//! The stage takes changes now.

use super::case::Case;
use super::facts::Gate;
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "stage-open",
    rule: "The stage takes changes now",
    help: "A lead can freeze a stage, and a stage can have hours in which changes are made: when nobody \
           is there to watch, or something is being repaired, nothing should move. Wait for the window, or \
           ask the person who froze the stage. Rolling back stays possible.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    match case.facts.gate.as_ref()? {
        Gate::Open => passes("No freeze is in force, and no hours forbid changes now."),
        Gate::Frozen { by, reason } => blocks(format!(
            "{} is frozen by {by}: {reason}. Ask {by}, or wait until the stage is unfrozen.",
            case.stage()
        )),
        Gate::Outside { opens } => blocks(format!(
            "{} takes no changes at this hour. The next window opens {opens}; schedule the change for it.",
            case.stage()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::says;

    #[test]
    fn table() {
        let gate = |gate| Facts { gate, ..Facts::default() };
        let frozen = Gate::Frozen { by: "Lee Lead".to_owned(), reason: "exams".to_owned() };
        let outside = Gate::Outside { opens: "on Monday at 09:00".to_owned() };
        says(GUARD, None, &[], &gate(None), None);
        says(GUARD, None, &[], &gate(Some(Gate::Open)), Some((Passes, "No freeze")));
        says(GUARD, None, &[], &gate(Some(frozen)), Some((Blocks, "frozen by Lee Lead: exams")));
        says(GUARD, None, &[], &gate(Some(outside)), Some((Blocks, "opens on Monday")));
    }
}
