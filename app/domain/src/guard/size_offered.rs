//! Azure offers the machine size.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "size-offered",
    rule: "Azure offers the machine size",
    help: "Azure lists the machine sizes of a region, and for which kinds of compute each can be used. A size \
           that is not on the list is refused, or provisioning fails after minutes. Choose a size from Microsoft's \
           list of sizes for managed online endpoints.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let sizes = case.facts.sizes.as_ref()?;
    if case.endpoint.is_some_and(|endpoint| endpoint.kubernetes) {
        return None;
    }
    let mut asked: Vec<_> = case.written().filter_map(|new| new.instance_type.as_deref()).collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return None;
    }
    if sizes.is_empty() {
        return warns(format!(
            "Not checked: Azure did not list the region's machine sizes, so {} may not be among them.",
            asked.join(", ")
        ));
    }
    let mut unlisted = Vec::new();
    for name in &asked {
        match sizes.iter().find(|size| size.name.eq_ignore_ascii_case(name)) {
            None => {
                return blocks(format!(
                    "Azure lists no machine size {name} in this region. Choose another one."
                ));
            }
            Some(size) if !size.serves => unlisted.push(*name),
            Some(_) => {}
        }
    }
    match unlisted.as_slice() {
        [] => passes(format!("Azure lists {} for online endpoints.", asked.join(", "))),
        names => warns(format!(
            "Azure lists {}, but not for managed online endpoints. Provisioning may fail.",
            names.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::{Move, Wanted};
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::{GuardInputs, Size};

    #[test]
    fn a_size_passes_only_if_azure_lists_it_for_endpoints() {
        let on = endpoint("blue", "blue=100");
        let size = |name: &str, serves| Size { name: name.to_owned(), serves };
        let listed = |all: Vec<Size>| GuardInputs { sizes: Some(all), ..GuardInputs::default() };
        let create = [Move::Create(wanted("green"))];
        let ds3 = "standard_ds3_V2";
        for (facts, expected) in [
            (GuardInputs::default(), None),
            (listed(Vec::new()), Some((Warns, "Not checked"))),
            (listed(vec![size(ds3, true)]), Some((Passes, "Standard_DS3_v2"))),
            (listed(vec![size(ds3, false)]), Some((Warns, "not for managed"))),
            (listed(vec![size("Standard_F2", true)]), Some((Blocks, "no machine size"))),
        ] {
            says(GUARD, Some(&on), &create, &facts, expected);
        }
        let none = [Move::Create(Wanted { instance_type: None, ..wanted("green") })];
        says(GUARD, Some(&on), &none, &listed(Vec::new()), None);
        says(GUARD, Some(&on), &[delete("blue")], &listed(Vec::new()), None);
        let cluster = crate::endpoint::Endpoint { kubernetes: true, ..on };
        says(GUARD, Some(&cluster), &create, &listed(vec![size("Standard_F2", true)]), None);
    }
}
