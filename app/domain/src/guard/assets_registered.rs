//! A deployment names registered assets only.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "assets-registered",
    rule: "Nothing is left to upload or register",
    help: "A deployment refers to registered assets. Its YAML may name local files or define assets inline \
           instead, which must be uploaded and registered first; the console does neither yet. Register \
           them with the Azure CLI or a build, and name them in the YAML like azureml:name:1. \
           azureml:name@latest is the newest version at the time of the plan. The plan names that version; a \
           newer one changes the plan.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let new = case.written().next()?;
    let open = case.written().find(|new| !new.unregistered.is_empty()).unwrap_or(new);
    if !open.unregistered.is_empty() {
        return blocks(format!(
            "{} uses assets that are not registered: {}. Register them, and name them in the YAML like azureml:name:1.",
            open.name,
            open.unregistered.join("; ")
        ));
    }
    let latest: Vec<_> = case.written().flat_map(|new| &new.latest).map(String::as_str).collect();
    match latest.as_slice() {
        [] => passes("Every asset is named by an id. Another guard checks whether Azure has it."),
        latest => passes(format!(
            "Every asset is named by an id: {}. Another guard checks whether Azure has it.",
            latest.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::{Move, Wanted};
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_local_file_blocks_and_a_label_passes_with_its_version() {
        let (on, facts) = (endpoint("blue", "blue=100"), GuardInputs::default());
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
