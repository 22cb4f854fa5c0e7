//! Named deployments exist and have succeeded.

use super::case::Case;
use super::{Finding, Guard, blocks, passes, warns};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "deployments-ready",
    rule: "Named deployments exist and have succeeded",
    help: "A route may give more traffic only to deployments that are there and ready: requests to any \
           other are answered with errors. Wait until the deployment has Succeeded, or delete one that \
           has failed and create it again.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
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

/// Whether a deployment is asked for more than before. Copies are not answers: a shadow that goes live is
/// asked for more at any percentage.
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
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route, wanted};

    #[test]
    fn table() {
        let facts = Facts::default();
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
