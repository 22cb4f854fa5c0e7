//! A plan changes something.

use super::context::{GuardContext, Move};
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "changes-something",
    rule: "Something changes",
    help: "A plan that changes nothing cannot be applied, because its record would suggest that something was \
           done. Change something first.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if let [Move::SetRoute(after)] = case.moves {
        return if case.before() == *after {
            blocks("The route is already like this. Move a slider first.")
        } else {
            passes("The route differs from the one in force.")
        };
    }
    if case.moves.is_empty() {
        return blocks("Azure is already in the desired state: there is nothing to do.");
    }
    if let Some(why) = &case.facts.left_undone {
        return warns(format!(
            "The plan does less than the inputs suggest: {why}. Complete the inputs, or remove them."
        ));
    }
    if case.moves.iter().all(|moved| *moved == Move::Observe) {
        return passes(
            "Only diagnostic settings and the alert are set again; traffic is not touched.",
        );
    }
    passes("The plan writes to Azure.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::fixtures::{delete, endpoint, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_plan_without_any_effect_is_blocked() {
        let (on, facts) = (endpoint("blue green", "blue=100"), GuardInputs::default());
        says(GUARD, Some(&on), &[set_route("blue=100")], &facts, Some((Blocks, "Move a slider")));
        says(GUARD, Some(&on), &[set_route("blue=90,green=10")], &facts, Some((Passes, "differs")));
        says(GUARD, Some(&on), &[], &facts, Some((Blocks, "nothing to do")));
        says(GUARD, Some(&on), &[Move::Observe], &facts, Some((Passes, "not touched")));
        let half =
            GuardInputs { left_undone: Some("no YAML".to_owned()), ..GuardInputs::default() };
        says(GUARD, Some(&on), &[Move::Observe], &half, Some((Warns, "inputs suggest: no YAML")));
        says(GUARD, Some(&on), &[delete("green")], &facts, Some((Passes, "writes to Azure")));
    }
}
