//! No local file is left to register.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "assets-registered",
    rule: "No local file is left to register",
    help: "A deployment refers to registered assets. Its YAML may name local files instead, which have \
           to be uploaded and registered first; the console does not upload yet. Register them with the \
           Azure CLI or a build, and name them in the YAML like azureml:name:1.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let new = case.written().next()?;
    let open = case.written().find(|new| !new.unregistered.is_empty()).unwrap_or(new);
    match open.unregistered.as_slice() {
        [] => passes("Every asset is named by an id; whether Azure has it is judged apart."),
        files => blocks(format!(
            "{} refers to local files that are not registered yet: {}. Register them and name them in the \
             YAML like azureml:name:1.",
            open.name,
            files.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::case::{Move, Wanted};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let (on, facts) = (endpoint("blue", "blue=100"), Facts::default());
        let create = |unregistered: &[&str]| {
            let unregistered = unregistered.iter().map(|text| (*text).to_owned()).collect();
            [Move::Create(Wanted { unregistered, ..wanted("green") })]
        };
        says(GUARD, Some(&on), &create(&[]), &facts, Some((Passes, "named by an id")));
        says(GUARD, Some(&on), &create(&["@code#1"]), &facts, Some((Blocks, "yet: @code#1")));
        says(GUARD, Some(&on), &[delete("blue")], &facts, None);
    }
}
