//! A deleted deployment has no live or mirrored traffic.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "delete-only-idle",
    rule: "Deleted deployments have no traffic",
    help: "Only a deployment with no live or mirrored traffic can be deleted: Azure does not delete a live \
           deployment, and a mirrored one is still being compared. Move its traffic to another deployment, or \
           clear the mirror. Check in the endpoint's charts that no client calls the deployment by name.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let (_, first) = case.deleted().next()?;
    for (place, name) in case.deleted() {
        match case.part_before(place, name) {
            Part::Live(percent) => {
                return blocks(format!(
                    "{name} takes {percent} % of live traffic. Move its traffic to another deployment first."
                ));
            }
            Part::Shadow(percent) => {
                return blocks(format!(
                    "{percent} % of live traffic is mirrored to {name}. Clear the mirror first."
                ));
            }
            Part::Idle => {}
        }
    }
    passes(format!("No traffic is routed to {first}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{delete, endpoint, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn traffic_at_the_time_of_the_deletion_blocks() {
        let facts = GuardInputs::default();
        let on = endpoint("blue green red", "blue=100;mirror=green:10");
        says(GUARD, Some(&on), &[delete("blue")], &facts, Some((Blocks, "takes 100 %")));
        says(GUARD, Some(&on), &[delete("green")], &facts, Some((Blocks, "Clear the mirror")));
        says(GUARD, Some(&on), &[delete("red")], &facts, Some((Passes, "No traffic")));
        let cleared = [set_route("blue=100"), delete("green")];
        says(GUARD, Some(&on), &cleared, &facts, Some((Passes, "No traffic")));
        let late = [delete("green"), set_route("blue=100")];
        says(GUARD, Some(&on), &late, &facts, Some((Blocks, "Clear the mirror")));
        says(GUARD, Some(&on), &[set_route("")], &facts, None);
    }
}
