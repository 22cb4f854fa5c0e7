//! The stage takes changes now.

use super::context::GuardContext;
use super::inputs::Gate;
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "stage-open",
    rule: "The stage takes changes now",
    help: "A lead can freeze a stage, for example during a repair, and a stage can restrict changes to certain \
           hours, when people can watch them. Wait for the window, or ask the person who froze the stage. \
           Rolling back stays possible.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::says;
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_freeze_or_a_closed_window_blocks() {
        let gate = |gate| GuardInputs { gate, ..GuardInputs::default() };
        let frozen = Gate::Frozen { by: "Lee Lead".to_owned(), reason: "exams".to_owned() };
        let outside = Gate::Outside { opens: "on Monday at 09:00".to_owned() };
        says(GUARD, None, &[], &gate(None), None);
        says(GUARD, None, &[], &gate(Some(Gate::Open)), Some((Passes, "No freeze")));
        says(GUARD, None, &[], &gate(Some(frozen)), Some((Blocks, "frozen by Lee Lead: exams")));
        says(GUARD, None, &[], &gate(Some(outside)), Some((Blocks, "opens on Monday")));
    }
}
