//! Creating and going live are two changes.

use super::case::{Case, Move};
use super::{Finding, Guard, blocks, passes};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "create-and-live-apart",
    rule: "Creating and going live are two changes",
    help: "A deployment that was just created or updated has not been tested. Giving it live traffic in \
           the same change puts it in front of clients unseen; people have had outages of minutes that \
           way. Deploy first, mirror traffic to it, compare, then move live traffic in a change of its \
           own.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.written().next()?;
    for (place, new) in case.created() {
        if let Part::Live(percent) = case.part_before(place, &new.name) {
            return blocks(format!(
                "The route already gives {} {percent} % of live traffic: it would be live as soon as it is \
                 created. Set the route to deployments that are there first.",
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
                     Deploy it first, compare, then move the traffic."
                ));
            }
        }
    }
    passes("What is created or updated gets no live traffic in this change.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says, set_route, wanted};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue green", "blue=100"), Facts::default());
        let create = Move::Create(wanted("red"));
        says(GUARD, Some(&on), std::slice::from_ref(&create), &facts, Some((Passes, "no live")));
        let both = [create.clone(), set_route("blue=90,red=10")];
        says(GUARD, Some(&on), &both, &facts, Some((Blocks, "red would be created")));
        let named = endpoint("blue", "red=100");
        let only = std::slice::from_ref(&create);
        says(GUARD, Some(&named), only, &facts, Some((Blocks, "The route already gives red")));
        let mirrored = [create.clone(), set_route("blue=100;mirror=red:10")];
        says(GUARD, Some(&on), &mirrored, &facts, Some((Passes, "no live")));
        let hidden = [create, set_route("red=100"), set_route("blue=100")];
        says(GUARD, Some(&on), &hidden, &facts, Some((Blocks, "red would be created")));
        says(GUARD, Some(&on), &[set_route("green=100")], &facts, None);
    }
}
