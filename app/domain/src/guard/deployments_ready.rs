//! The deployments that a route names exist and have succeeded.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "deployments-ready",
    rule: "Named deployments exist and have succeeded",
    help: "A route may give more traffic only to deployments that exist and are ready. Other deployments \
           answer requests with errors. Wait until the deployment has Succeeded, or delete one that \
           has failed and create it again.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let after = case.after()?;
    let before = case.before();
    let (mut reasons, mut kept) = (Vec::<String>::new(), Vec::<String>::new());
    for name in after.named() {
        if case.created().any(|(_, new)| new.name == *name) {
            continue;
        }
        let Some(deployment) = case.deployment(name) else {
            reasons.push(format!("There is no deployment {name} on this endpoint."));
            continue;
        };
        let grows = grows(before.part(name), after.part(name));
        match deployment.closed() {
            Some(reason) if grows => {
                reasons.push(format!("{name} cannot take more traffic: {reason}."));
            }
            Some(_) => kept.push(format!("{name} is {} and keeps traffic.", deployment.state)),
            None => {}
        }
    }
    match (reasons.is_empty(), kept.is_empty()) {
        (false, _) => blocks(reasons.join(" ")),
        (true, false) => warns(kept.join(" ")),
        (true, true) => {
            passes("Every deployment that the route names has Succeeded, or is created first.")
        }
    }
}

/// Whether a deployment gets more traffic than before. A shadow that goes live does, at any percentage, because
/// clients depend on its answers now.
fn grows(before: Part, after: Part) -> bool {
    match (before, after) {
        (_, Part::Idle) => false,
        (Part::Live(from), Part::Live(to) | Part::Shadow(to))
        | (Part::Shadow(from), Part::Shadow(to)) => to > from,
        (Part::Idle, _) | (Part::Shadow(_), Part::Live(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_deployment_that_is_not_ready_gets_no_more_traffic() {
        let facts = GuardInputs::default();
        let on = endpoint("blue green!Failed red!Updating", "blue=100;mirror=green:10");
        let to = |text: &str| [set_route(text)];
        says(GUARD, Some(&on), &to("blue=100"), &facts, Some((Passes, "has Succeeded")));
        says(GUARD, Some(&on), &to("none=100"), &facts, Some((Blocks, "no deployment none")));
        says(GUARD, Some(&on), &to("green=100"), &facts, Some((Blocks, "is Failed")));
        let fewer = to("blue=95,green=5");
        says(GUARD, Some(&on), &fewer, &facts, Some((Blocks, "is Failed")));
        says(GUARD, Some(&on), &to("red=100"), &facts, Some((Blocks, "Wait until it has")));
        let less = to("blue=100;mirror=green:5");
        says(GUARD, Some(&on), &less, &facts, Some((Warns, "green is Failed and keeps")));
        let new = [Move::Create(wanted("new")), set_route("blue=100;mirror=new:5")];
        says(GUARD, Some(&on), &new, &facts, Some((Passes, "created first")));
        says(GUARD, Some(&on), &[delete("red")], &facts, None);
    }
}
