//! Room for one more.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};
use crate::domain::endpoint::DEPLOYMENTS_MAX;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "room-for-one-more",
    rule: "Room for one more",
    help: "Azure allows 20 deployments per endpoint (Azure: quotas of online endpoints), and each costs \
           machines whether it gets traffic or not. Delete one that nobody calls.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.created().next()?;
    let now = case.endpoint.map_or(0, |endpoint| endpoint.deployments.len());
    let new = case.created().filter(|(_, new)| case.deployment(&new.name).is_none()).count();
    if now + new > DEPLOYMENTS_MAX {
        blocks(format!(
            "The endpoint has {now} deployments; Azure allows {DEPLOYMENTS_MAX}. Delete one first."
        ))
    } else {
        passes(format!("{now} of {DEPLOYMENTS_MAX} deployments are in use."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let facts = Facts::default();
        let names = |count: usize| (0..count).map(|n| format!("dep-{n} ")).collect::<String>();
        let create = [Move::Create(wanted("green"))];
        let on = endpoint(&names(19), "");
        says(GUARD, Some(&on), &create, &facts, Some((Passes, "19 of 20")));
        let full = endpoint(&names(20), "");
        says(GUARD, Some(&full), &create, &facts, Some((Blocks, "allows 20")));
        let again = [delete("dep-3"), Move::Create(wanted("dep-3"))];
        says(GUARD, Some(&full), &again, &facts, Some((Passes, "20 of 20")));
        says(GUARD, Some(&full), &[delete("dep-3")], &facts, None);
    }
}
