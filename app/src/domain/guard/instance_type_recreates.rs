//! Another machine size means another deployment.

use super::case::{Case, Wanted};
use super::{Finding, Guard, blocks, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "instance-type-recreates",
    rule: "Another machine size means another deployment",
    help: "Azure sets a deployment's machine size when it is created and never again. A deployment \
           without traffic can be deleted and created anew, which takes minutes and which the plan then \
           says; for one that is live or mirrored, create another beside it.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.written().next()?;
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
    for (_, new) in case.created() {
        if let Some(change) = other_size(new) {
            return warns(format!(
                "{} changes its machine size {change}: it is deleted and created anew.",
                new.name
            ));
        }
        if case.deployment(&new.name).is_some() {
            return warns(format!("{} is deleted and created anew.", new.name));
        }
    }
    passes("No machine size changes.")
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
        says(GUARD, Some(&on), &same, &facts, Some((Passes, "No machine size")));
        let other = [Move::Update(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &other, &facts, Some((Blocks, "to Standard_F4s_v2")));
        let anew = [delete("green"), Move::Create(sized("Standard_F4s_v2"))];
        says(GUARD, Some(&on), &anew, &facts, Some((Warns, "deleted and created anew")));
        let again = [delete("green"), Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &again, &facts, Some((Warns, "green is deleted and created")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
    }
}
