//! Others remain.

use super::case::Case;
use super::{Finding, Guard, passes, warns};
use crate::domain::name::DeploymentName;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "others-remain",
    rule: "Others remain",
    help: "Once its last deployment is gone, an endpoint answers every request with 404 until another \
           one is created, which takes minutes. Usually the new deployment should be there first.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let (_, first) = case.deleted().next()?;
    let deployments = &case.endpoint?.deployments;
    let gone = |name: &DeploymentName| {
        case.deleted().any(|(_, deleted)| deleted == name)
            && !case.created().any(|(_, new)| new.name == *name)
    };
    if !deployments.is_empty() && deployments.iter().all(|found| gone(&found.name)) {
        warns(format!("{first} is the endpoint's only deployment."))
    } else {
        passes("Other deployments stay as they are.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Passes, Warns};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route, wanted};

    #[test]
    fn table() {
        let facts = Facts::default();
        let (two, one) = (endpoint("blue green", "blue=100"), endpoint("green", ""));
        says(GUARD, Some(&two), &[delete("green")], &facts, Some((Passes, "stay as they are")));
        says(GUARD, Some(&one), &[delete("green")], &facts, Some((Warns, "only deployment")));
        let again = [delete("green"), Move::Create(wanted("green"))];
        says(GUARD, Some(&one), &again, &facts, Some((Passes, "stay as they are")));
        says(GUARD, Some(&one), &[set_route("")], &facts, None);
    }
}
