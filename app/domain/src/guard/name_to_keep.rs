//! A deployment's name suits a primary.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "name-to-keep",
    rule: "The name suits a primary",
    help: "A shadow may become the primary, and Azure cannot rename a deployment. A name that ends in “shadow” \
           would then be wrong. Choose a name that suits a primary, such as one with the model's version.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.created().next()?;
    let unsuitable = case.created().find(|(_, new)| new.name.says_shadow());
    match (unsuitable, case.created().next()) {
        (Some((_, new)), _) => {
            let name = &new.name;
            blocks(format!(
                "“{name}” ends in “shadow”, and the deployment would keep this name as the primary. Choose \
                 a name that suits a primary."
            ))
        }
        (None, first) => {
            let name = &first?.1.name;
            passes(format!("“{name}” does not end in “shadow”."))
        }
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
    fn a_name_that_ends_in_shadow_blocks() {
        let (on, facts) = (endpoint("blue", "blue=100"), GuardInputs::default());
        let create = |text| [Move::Create(wanted(text))];
        says(GUARD, Some(&on), &create("green"), &facts, Some((Passes, "“green” does not end")));
        says(GUARD, Some(&on), &create("nbq-Shadow"), &facts, Some((Blocks, "ends in “shadow”")));
        says(GUARD, Some(&on), &[delete("blue")], &facts, None);
    }
}
