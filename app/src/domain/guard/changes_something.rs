//! Something changes.

use super::case::{Case, Move};
use super::{Finding, Guard, blocks, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "changes-something",
    rule: "Something changes",
    help: "A plan that would leave everything as it is must not be carried out: it would only look as \
           if something had been done. Change something first, or leave the endpoint alone.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    if let [Move::SetRoute(after)] = case.moves {
        return if case.before() == *after {
            blocks("The route is already like this. Move a slider first.")
        } else {
            passes("The route differs from the one in force.")
        };
    }
    if case.moves.is_empty() {
        return blocks("Azure is already as asked: there is nothing to do.");
    }
    if let Some(why) = &case.facts.left_undone {
        return warns(format!(
            "Less is done than it may seem: {why}. Complete the inputs, or remove them."
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
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue green", "blue=100"), Facts::default());
        says(GUARD, Some(&on), &[set_route("blue=100")], &facts, Some((Blocks, "Move a slider")));
        says(GUARD, Some(&on), &[set_route("blue=90,green=10")], &facts, Some((Passes, "differs")));
        says(GUARD, Some(&on), &[], &facts, Some((Blocks, "nothing to do")));
        says(GUARD, Some(&on), &[Move::Observe], &facts, Some((Passes, "not touched")));
        let half = Facts { left_undone: Some("no YAML".to_owned()), ..Facts::default() };
        says(GUARD, Some(&on), &[Move::Observe], &half, Some((Warns, "it may seem: no YAML")));
        says(GUARD, Some(&on), &[delete("green")], &facts, Some((Passes, "writes to Azure")));
    }
}
