//! A new machine size needs a new deployment.

use super::context::{GuardContext, Wanted};
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "instance-type-recreates",
    rule: "A new machine size needs a new deployment",
    help: "Azure cannot change the machine size of an existing deployment. A deployment without traffic can be \
           deleted and created again, which takes minutes; the plan then shows both steps. If the deployment is \
           live or mirrored, create another one beside it.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.written().next()?;
    let gone = |place: usize, new: &Wanted| {
        case.deleted().any(|(earlier, name)| earlier < place && *name == new.name)
    };
    let other_size = |new: &Wanted| {
        let now = case.deployment(&new.name)?.instance_type.as_deref()?;
        let next = new.instance_type.as_deref()?;
        (!now.eq_ignore_ascii_case(next)).then(|| format!("from {now} to {next}"))
    };
    for (_, new) in case.updated() {
        if let Some(change) = other_size(new) {
            return blocks(format!(
                "{} would change its machine size {change}, which Azure cannot do in place. Create \
                 another deployment with the new size.",
                new.name
            ));
        }
    }
    // Another guard blocks creating a deployment under a name that stays in use.
    for (_, new) in case.created().filter(|(place, new)| gone(*place, new)) {
        if let Some(change) = other_size(new) {
            return warns(format!(
                "{} changes its machine size {change}: the plan deletes it and creates it again.",
                new.name
            ));
        }
        if case.deployment(&new.name).is_some() {
            return warns(format!("The plan deletes {} and creates it again.", new.name));
        }
    }
    let size_known = |new: &Wanted| {
        let now = case.deployment(&new.name).map(|now| now.instance_type.is_some());
        now.is_none_or(|known| known && new.instance_type.is_some())
    };
    match case.updated().find(|(_, new)| !size_known(new)) {
        Some((_, new)) => {
            warns(format!("Not checked: the machine size of {} is not known.", new.name))
        }
        None => passes("No existing deployment gets another machine size."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_machine_size_changes_only_by_creating_the_deployment_again() {
        let (on, facts) = (endpoint("blue green", "blue=100"), GuardInputs::default());
        let sized = |size: &str| Wanted { instance_type: Some(size.to_owned()), ..wanted("green") };
        let same = [Move::Update(sized("standard_ds3_V2"))];
        says(GUARD, Some(&on), &same, &facts, Some((Passes, "gets another machine size")));
        let other = [Move::Update(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &other, &facts, Some((Blocks, "to Standard_F4s_v2")));
        let resized = [delete("green"), Move::Create(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &resized, &facts, Some((Warns, "changes its machine size")));
        let again = [delete("green"), Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &again, &facts, Some((Warns, "deletes green and creates it again")));
        let replaced = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &replaced, &facts, Some((Passes, "No existing deployment")));
        let unknown = [Move::Update(Wanted { instance_type: None, ..wanted("green") })];
        says(GUARD, Some(&on), &unknown, &facts, Some((Warns, "Not checked")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
