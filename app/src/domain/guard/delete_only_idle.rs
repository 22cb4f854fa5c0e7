//! Not live, not mirrored.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "delete-only-idle",
    rule: "Not live, not mirrored",
    help: "Azure refuses to delete a deployment that takes live traffic, and a deployment that is being \
           compared is still needed. Move its traffic to another deployment, or clear the mirror, and \
           look at the endpoint's charts: nobody should be calling it by name either.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
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
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route};

    #[test]
    fn table() {
        let facts = Facts::default();
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
