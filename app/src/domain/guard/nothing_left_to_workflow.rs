//! Nothing is left to the team's workflow.

use super::case::Case;
use super::{Finding, Guard, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "nothing-left-to-workflow",
    rule: "Nothing is left to the workflow",
    help: "The team's workflow does more than the console can: it builds images, makes queues and containers \
           for request logs, and assigns roles. A plan names what it leaves out. Run the workflow for it, or \
           make sure that it is there already.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
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
    use crate::domain::guard::Level::Warns;
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says};

    #[test]
    fn what_is_left_out_is_named() {
        let on = endpoint("blue", "blue=100");
        let left = vec!["build the image".to_owned(), "make the queue q".to_owned()];
        let facts = Facts { left_to_workflow: left, ..Facts::default() };
        let said = Some((Warns, "does not: build the image; make the queue q. Make sure"));
        says(GUARD, Some(&on), &[Move::Observe], &facts, said);
        says(GUARD, Some(&on), &[Move::Observe], &Facts::default(), None);
        says(GUARD, Some(&on), &[], &facts, None);
    }
}
