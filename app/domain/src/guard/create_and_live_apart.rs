//! Creating and going live are two changes.

use super::context::{GuardContext, Move};
use super::{Finding, Guard, Level, blocks, passes};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "create-and-live-apart",
    rule: "Creating and going live are two changes",
    help: "A deployment that was just created or updated has not been tested. Giving it live traffic in \
           the same change exposes clients to an untested version, and has caused outages of several minutes. \
           Deploy first, mirror traffic to it, compare, and then move live traffic in a separate change.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.written().next()?;
    for (place, new) in case.created() {
        if let Part::Live(percent) = case.part_before(place, &new.name) {
            return blocks(format!(
                "The route already gives {} {percent} % of live traffic, so this deployment would be live as \
                 soon as it is created. First set a route to existing deployments.",
                new.name
            ));
        }
    }
    let before = case.before();
    for moved in case.moves {
        let Move::SetRoute(route) = moved else { continue };
        for (name, share) in route.split().iter() {
            let grows = share > before.split().share(name);
            if grows && case.written().any(|new| new.name == *name) {
                return blocks(format!(
                    "{name} would be created or updated and given {share} % of live traffic in one change. \
                     Deploy it first, compare, and then move the traffic."
                ));
            }
        }
    }
    passes("No created or updated deployment gets live traffic in this change.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_written_deployment_gets_no_live_traffic_in_the_same_change() {
        let (on, facts) = (endpoint("blue green", "blue=100"), GuardInputs::default());
        let create = Move::Create(wanted("red"));
        says(GUARD, Some(&on), std::slice::from_ref(&create), &facts, Some((Passes, "No created")));
        let both = [create.clone(), set_route("blue=90,red=10")];
        says(GUARD, Some(&on), &both, &facts, Some((Blocks, "red would be created")));
        let named = endpoint("blue", "red=100");
        let only = std::slice::from_ref(&create);
        says(GUARD, Some(&named), only, &facts, Some((Blocks, "The route already gives red")));
        let mirrored = [create.clone(), set_route("blue=100;mirror=red:10")];
        says(GUARD, Some(&on), &mirrored, &facts, Some((Passes, "No created")));
        let hidden = [create, set_route("red=100"), set_route("blue=100")];
        says(GUARD, Some(&on), &hidden, &facts, Some((Blocks, "red would be created")));
        says(GUARD, Some(&on), &[set_route("green=100")], &facts, None);
    }
}
