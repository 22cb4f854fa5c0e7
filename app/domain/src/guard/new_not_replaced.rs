//! A new deployment replaces no existing one.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::route::Part;

pub(super) const GUARD: Guard = Guard {
    id: "new-not-replaced",
    rule: "A new deployment replaces no other",
    help: "Creating a deployment under an existing name replaces the existing deployment, at once and on all \
           its machines. Choose a new name. If the existing deployment gets no traffic, you can also delete it \
           first.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
                 another name, mirror traffic to it, and then move the live traffic."
            ))
        } else {
            blocks(format!("{name} exists already. Choose another name, or delete it first."))
        };
    }
    let (_, first) = case.created().next()?;
    if case.deployment(&first.name).is_some() {
        passes(format!("{} is deleted before it is created again.", first.name))
    } else {
        passes(format!("There is no deployment {} yet.", first.name))
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
    fn an_existing_name_blocks_unless_it_is_deleted_first() {
        let (on, facts) = (endpoint("blue green", "blue=100"), GuardInputs::default());
        let create = |text| Move::Create(wanted(text));
        says(GUARD, Some(&on), &[create("red")], &facts, Some((Passes, "no deployment red yet")));
        says(GUARD, Some(&on), &[create("green")], &facts, Some((Blocks, "exists already")));
        says(GUARD, Some(&on), &[create("blue")], &facts, Some((Blocks, "causes an outage")));
        let again = [delete("green"), create("green")];
        says(GUARD, Some(&on), &again, &facts, Some((Passes, "deleted before")));
        let turned = [create("green"), delete("green")];
        says(GUARD, Some(&on), &turned, &facts, Some((Blocks, "exists already")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
