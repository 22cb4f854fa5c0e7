//! A name to keep.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "name-to-keep",
    rule: "A name to keep",
    help: "The shadow of today is the primary of tomorrow, and Azure cannot rename a deployment. A name \
           that ends in “shadow” would then lie. Choose a name that suits a primary, such as one with \
           the model's version.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.created().next()?;
    let lies = case.created().find(|(_, new)| new.name.says_shadow());
    match (lies, case.created().next()) {
        (Some((_, new)), _) => {
            let name = &new.name;
            blocks(format!(
                "“{name}” ends in “shadow”, and would keep that name as the primary once it is promoted. \
                 Choose a name that suits a primary."
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
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue", "blue=100"), Facts::default());
        let create = |text| [Move::Create(wanted(text))];
        says(GUARD, Some(&on), &create("green"), &facts, Some((Passes, "“green” does not end")));
        says(GUARD, Some(&on), &create("nbq-Shadow"), &facts, Some((Blocks, "ends in “shadow”")));
        says(GUARD, Some(&on), &[delete("blue")], &facts, None);
    }
}
