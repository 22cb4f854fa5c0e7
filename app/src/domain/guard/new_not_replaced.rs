//! New, not replaced.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};
use crate::domain::route::Part;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "new-not-replaced",
    rule: "New, not replaced",
    help: "Creating a deployment under a name that exists replaces the one that is there, at once and \
           on all its machines. Choose a new name; or, if it gets no traffic, have the plan delete it \
           first, which it then says.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.created().next()?;
    for (place, new) in case.created() {
        let name = &new.name;
        let gone = case.deleted().any(|(earlier, deleted)| earlier < place && deleted == name);
        if case.deployment(name).is_none() || gone {
            continue;
        }
        return if matches!(case.part_before(place, name), Part::Live(_)) {
            blocks(format!(
                "{name} exists and takes live traffic; updating it in place causes an outage. Choose \
                 another name, mirror, then move the traffic."
            ))
        } else {
            blocks(format!("{name} exists already. Choose another name, or delete it first."))
        };
    }
    let (_, first) = case.created().next()?;
    if case.deployment(&first.name).is_some() {
        passes(format!("{} is deleted before it is created again.", first.name))
    } else {
        passes(format!("There is no {} yet.", first.name))
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
        let (on, facts) = (endpoint("blue green", "blue=100"), Facts::default());
        let create = |text| Move::Create(wanted(text));
        says(GUARD, Some(&on), &[create("red")], &facts, Some((Passes, "no red yet")));
        says(GUARD, Some(&on), &[create("green")], &facts, Some((Blocks, "exists already")));
        says(GUARD, Some(&on), &[create("blue")], &facts, Some((Blocks, "causes an outage")));
        let again = [delete("green"), create("green")];
        says(GUARD, Some(&on), &again, &facts, Some((Passes, "deleted before")));
        let turned = [create("green"), delete("green")];
        says(GUARD, Some(&on), &turned, &facts, Some((Blocks, "exists already")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
