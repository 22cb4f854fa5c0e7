//! A changed or deleted deployment exists.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::provisioning::ProvisioningState;

pub(super) const GUARD: Guard = Guard {
    id: "deployment-exists",
    rule: "The deployment exists",
    help: "A deployment that is changed or deleted must exist, and Azure must not be deleting it already. \
           Somebody may have deleted it since the page was loaded. The endpoint's page lists the existing \
           deployments.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let mut named =
        case.deleted().map(|(_, name)| name).chain(case.updated().map(|(_, new)| &new.name));
    let first = named.next()?;
    for name in std::iter::once(first).chain(named) {
        match case.deployment(name) {
            None => {
                return blocks(format!("There is no deployment {name} on this endpoint any more."));
            }
            Some(found) if found.state == ProvisioningState::Deleting => {
                return blocks(format!("Azure is already deleting {name}."));
            }
            Some(_) => {}
        }
    }
    passes(format!("{first} exists."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_missing_or_deleting_deployment_blocks() {
        let (on, facts) = (endpoint("blue green!Deleting", "blue=100"), GuardInputs::default());
        says(GUARD, Some(&on), &[delete("blue")], &facts, Some((Passes, "blue exists")));
        says(
            GUARD,
            Some(&on),
            &[delete("green")],
            &facts,
            Some((Blocks, "already deleting green")),
        );
        says(GUARD, Some(&on), &[delete("red")], &facts, Some((Blocks, "no deployment red")));
        says(GUARD, None, &[Move::Update(wanted("red"))], &facts, Some((Blocks, "no deployment")));
        says(GUARD, Some(&on), &[set_route("")], &facts, None);
    }
}
