//! The plan does all that the team's workflow would do.

use super::context::GuardContext;
use super::{Finding, Guard, Level, warns};

pub(super) const GUARD: Guard = Guard {
    id: "nothing-left-to-workflow",
    rule: "Nothing is left to the workflow",
    help: "The team's workflow does more than the console can: it builds images, makes queues and containers \
           for request logs, and assigns roles. This warning names what the plan leaves out. Run the workflow for \
           it, or make sure that it is done already.",
    levels: &[Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let left = &case.facts.left_to_workflow;
    if left.is_empty() || case.moves.is_empty() {
        return None;
    }
    warns(format!(
        "The team's workflow would also do this, and the console does not: {}. Make sure that it is done \
         already, or run the workflow for it.",
        left.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::Warns;
    use crate::guard::context::Move;
    use crate::guard::fixtures::{endpoint, says};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn work_that_the_plan_leaves_out_warns() {
        let on = endpoint("blue", "blue=100");
        let left = vec!["build the image".to_owned(), "make the queue q".to_owned()];
        let facts = GuardInputs { left_to_workflow: left, ..GuardInputs::default() };
        let said = Some((Warns, "does not: build the image; make the queue q. Make sure"));
        says(GUARD, Some(&on), &[Move::Observe], &facts, said);
        says(GUARD, Some(&on), &[Move::Observe], &GuardInputs::default(), None);
        says(GUARD, Some(&on), &[], &facts, None);
    }
}
