//! It exists.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};
use crate::domain::provisioning::ProvisioningState;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "deployment-exists",
    rule: "It exists",
    help: "A deployment that is changed or deleted must be there, and must not be on its way out \
           already. Somebody else may have deleted it a moment ago; the endpoint's page lists those \
           that exist.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let mut named =
        case.deleted().map(|(_, name)| name).chain(case.updated().map(|(_, new)| &new.name));
    let first = named.next()?;
    for name in std::iter::once(first).chain(named) {
        match case.deployment(name) {
            None => {
                return blocks(format!("There is no deployment {name} on this endpoint any more."));
            }
            Some(found) if found.state == ProvisioningState::Deleting => {
                return blocks(format!("{name} is being deleted already."));
            }
            Some(_) => {}
        }
    }
    passes(format!("{first} is there."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route, wanted};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue green!Deleting", "blue=100"), Facts::default());
        says(GUARD, Some(&on), &[delete("blue")], &facts, Some((Passes, "blue is there")));
        says(GUARD, Some(&on), &[delete("green")], &facts, Some((Blocks, "being deleted already")));
        says(GUARD, Some(&on), &[delete("red")], &facts, Some((Blocks, "no deployment red")));
        says(GUARD, None, &[Move::Update(wanted("red"))], &facts, Some((Blocks, "no deployment")));
        says(GUARD, Some(&on), &[set_route("")], &facts, None);
    }
}
