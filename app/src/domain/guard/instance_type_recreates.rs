//! Another machine size means another deployment.

use super::case::{Case, Wanted};
use super::{Finding, Guard, blocks, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "instance-type-recreates",
    rule: "Another machine size means another deployment",
    help: "Azure sets a deployment's machine size when it is created and never again. A deployment \
           without traffic can be deleted and created again, which takes minutes and which the plan then \
           says; for one that is live or mirrored, create another beside it.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
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
                "{} would change its machine size {change}, which Azure does not do in place. Create \
                 another deployment with the new size.",
                new.name
            ));
        }
    }
    // Under a name that is there and stays, nothing is created: another rule says so.
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
        None => passes("No deployment that stays gets another machine size."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue green", "blue=100"), Facts::default());
        let sized = |size: &str| Wanted { instance_type: Some(size.to_owned()), ..wanted("green") };
        let same = [Move::Update(sized("standard_ds3_V2"))];
        says(GUARD, Some(&on), &same, &facts, Some((Passes, "gets another machine size")));
        let other = [Move::Update(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &other, &facts, Some((Blocks, "to Standard_F4s_v2")));
        let anew = [delete("green"), Move::Create(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &anew, &facts, Some((Warns, "changes its machine size")));
        let again = [delete("green"), Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &again, &facts, Some((Warns, "deletes green and creates it again")));
        let replaced = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &replaced, &facts, Some((Passes, "that stays")));
        let unknown = [Move::Update(Wanted { instance_type: None, ..wanted("green") })];
        says(GUARD, Some(&on), &unknown, &facts, Some((Warns, "Not checked")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
