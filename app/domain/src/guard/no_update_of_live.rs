//! No live deployment is changed in place.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "no-update-of-live",
    rule: "No live deployment is changed in place",
    help: "Updating a deployment in place replaces its containers while it serves clients, which is an outage \
           for its share of the traffic. Create the new version under another name, mirror traffic to it, compare, \
           then move the live traffic and delete the old version.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.updated().next()?;
    for (place, new) in case.updated() {
        if let Part::Live(percent) = case.part_before(place, &new.name) {
            return blocks(format!(
                "{} takes {percent} % of live traffic, and updating it in place causes an outage. Deploy \
                 under another name, mirror traffic to it, and then move the live traffic.",
                new.name
            ));
        }
    }
    passes("The updated deployments take no live traffic.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_deployment_that_is_live_at_its_update_blocks() {
        let (on, facts) =
            (endpoint("blue green", "blue=100;mirror=green:10"), GuardInputs::default());
        let update = |text| Move::Update(wanted(text));
        says(GUARD, Some(&on), &[update("blue")], &facts, Some((Blocks, "100 % of live traffic")));
        says(GUARD, Some(&on), &[update("green")], &facts, Some((Passes, "no live traffic")));
        let first = [set_route("blue=50,green=50"), update("green")];
        says(GUARD, Some(&on), &first, &facts, Some((Blocks, "green takes 50 %")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
