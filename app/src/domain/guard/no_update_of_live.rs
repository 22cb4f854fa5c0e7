//! Nothing live is changed in place.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "no-update-of-live",
    rule: "Nothing live is changed in place",
    help: "Updating a deployment in place replaces its containers while clients are being served: that \
           is an outage, also at 100 %. Create the new version beside the live one under another name, \
           mirror traffic to it, compare, then move the traffic over and delete the old one.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.updated().next()?;
    for (place, new) in case.updated() {
        if let Part::Live(percent) = case.part_before(place, &new.name) {
            return blocks(format!(
                "{} takes {percent} % of live traffic, and updating it in place causes an outage. Deploy \
                 under another name, mirror, then move the traffic.",
                new.name
            ));
        }
    }
    passes("What is updated takes no live traffic.")
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
        let (on, facts) = (endpoint("blue green", "blue=100;mirror=green:10"), Facts::default());
        let update = |text| Move::Update(wanted(text));
        says(GUARD, Some(&on), &[update("blue")], &facts, Some((Blocks, "100 % of live traffic")));
        says(GUARD, Some(&on), &[update("green")], &facts, Some((Passes, "no live traffic")));
        let first = [set_route("blue=50,green=50"), update("green")];
        says(GUARD, Some(&on), &first, &facts, Some((Blocks, "green takes 50 %")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
