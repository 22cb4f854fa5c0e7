//! No local file is left to register.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "assets-registered",
    rule: "Nothing is left to upload or register",
    help: "A deployment refers to registered assets. Its YAML may name local files or define assets inline \
           instead, which have to be uploaded and registered first; the console does neither yet. Register \
           them with the Azure CLI or a build, and name them in the YAML like azureml:name:1. \
           azureml:name@latest is the newest version at the moment of the plan: the plan names that version, \
           and a newer one makes another plan.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let new = case.written().next()?;
    let open = case.written().find(|new| !new.unregistered.is_empty()).unwrap_or(new);
    if !open.unregistered.is_empty() {
        return blocks(format!(
            "{} needs what is not registered: {}. Register it, and name it in the YAML like azureml:name:1.",
            open.name,
            open.unregistered.join("; ")
        ));
    }
    let latest: Vec<_> = case.written().flat_map(|new| &new.latest).map(String::as_str).collect();
    match latest.as_slice() {
        [] => passes("Every asset is named by an id; whether Azure has it is judged apart."),
        latest => passes(format!(
            "Every asset is named by an id: {}. Whether Azure has it is judged apart.",
            latest.join(", ")
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
        let local = create(&["local model: ./nbq"]);
        says(GUARD, Some(&on), &local, &facts, Some((Blocks, "registered: local model: ./nbq.")));
        let latest = vec!["azureml:nbq@latest is version 7 now".to_owned()];
        let latest = [Move::Create(Wanted { latest, ..wanted("green") })];
        says(GUARD, Some(&on), &latest, &facts, Some((Passes, "azureml:nbq@latest is version 7")));
        says(GUARD, Some(&on), &[delete("blue")], &facts, None);
    }
}
