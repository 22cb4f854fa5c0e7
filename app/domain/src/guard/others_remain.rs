//! Other deployments remain after a deletion.

use super::context::GuardContext;
use super::{Finding, Guard, Level, passes, warns};
use crate::name::DeploymentName;

pub(super) const GUARD: Guard = Guard {
    id: "others-remain",
    rule: "Other deployments remain",
    help: "An endpoint without deployments answers every request with 404 until a deployment is created, which \
           takes minutes. Usually you should create the new deployment first.",
    levels: &[Level::Passes, Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let (_, first) = case.deleted().next()?;
    let deployments = &case.endpoint?.deployments;
    let gone = |name: &DeploymentName| {
        case.deleted().any(|(_, deleted)| deleted == name)
            && !case.created().any(|(_, new)| new.name == *name)
    };
    if !deployments.is_empty() && deployments.iter().all(|found| gone(&found.name)) {
        warns(format!("{first} is the endpoint's only deployment."))
    } else {
        passes("Other deployments remain.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Passes, Warns};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn deleting_the_only_deployment_warns() {
        let facts = GuardInputs::default();
        let (two, one) = (endpoint("blue green", "blue=100"), endpoint("green", ""));
        says(
            GUARD,
            Some(&two),
            &[delete("green")],
            &facts,
            Some((Passes, "Other deployments remain")),
        );
        says(GUARD, Some(&one), &[delete("green")], &facts, Some((Warns, "only deployment")));
        let again = [delete("green"), Move::Create(wanted("green"))];
        says(GUARD, Some(&one), &again, &facts, Some((Passes, "Other deployments remain")));
        says(GUARD, Some(&one), &[set_route("")], &facts, None);
    }
}
