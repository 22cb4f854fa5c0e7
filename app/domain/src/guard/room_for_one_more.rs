//! The endpoint has room for another deployment.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::endpoint::DEPLOYMENTS_MAX;

pub(super) const GUARD: Guard = Guard {
    id: "room-for-one-more",
    rule: "The endpoint has room for a deployment",
    help: "Azure allows 20 deployments per endpoint (Azure: quotas of online endpoints). Each uses machines, \
           whether it gets traffic or not. Delete an unused deployment.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_deployment_above_azures_limit_blocks() {
        let facts = GuardInputs::default();
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
