//! Model, environment and code exist in Azure.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};
use crate::asset::Found;

pub(super) const GUARD: Guard = Guard {
    id: "assets-exist",
    rule: "Model, environment and code exist in Azure",
    help: "The console looks up each version that the deployment names in the workspace. Assets of a registry, \
           and assets that the console's identity may not read, are not checked: if one of them does not exist, \
           Azure rejects the deployment. Register the version, or correct it in the YAML.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let looked = case.facts.assets.as_ref()?;
    let (mut there, mut missing, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let mut asked: Vec<_> = case.written().flat_map(|new| &new.assets).collect();
    asked.sort();
    asked.dedup();
    for asset in asked {
        match looked.iter().find(|one| one.asset == *asset).map(|one| &one.found) {
            Some(Found::There) => there.push(asset.to_string()),
            Some(Found::Missing) => missing.push(asset.to_string()),
            Some(Found::NotChecked(why)) => open.push(format!("{asset} ({why})")),
            None => open.push(format!("{asset} (not looked up)")),
        }
    }
    match (missing.as_slice(), open.as_slice(), there.as_slice()) {
        ([], [], []) => None,
        ([], [], there) => passes(format!("Azure has {}.", there.join(", "))),
        ([], open, _) => warns(format!(
            "Not checked: {}. If Azure does not have it, creating the deployment fails.",
            open.join(", ")
        )),
        (missing, _, _) => blocks(format!(
            "Azure has no {} in this workspace. Register it, or correct the version in the YAML.",
            missing.join(", and no ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::{Asset, AssetKind, Looked};
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::{Move, Wanted};
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    fn asset(version: u32) -> Asset {
        Asset { kind: AssetKind::Model, reference: format!("azureml:nbq:{version}") }
    }

    #[test]
    fn a_version_passes_only_if_azure_has_it() {
        let on = endpoint("blue", "blue=100");
        let create = [Move::Create(Wanted { assets: vec![asset(2)], ..wanted("green") })];
        let looked = |all: Vec<(u32, Found)>| GuardInputs {
            assets: Some(
                all.into_iter().map(|(v, found)| Looked { asset: asset(v), found }).collect(),
            ),
            ..GuardInputs::default()
        };
        let unread = Found::NotChecked("Azure did not answer".to_owned());
        for (facts, expected) in [
            (GuardInputs::default(), None),
            (looked(vec![(2, Found::There)]), Some((Passes, "Azure has model nbq:2."))),
            (looked(vec![(2, Found::Missing)]), Some((Blocks, "Azure has no model nbq:2"))),
            (looked(vec![(2, unread)]), Some((Warns, "Not checked: model nbq:2 (Azure did"))),
            (looked(vec![(1, Found::There)]), Some((Warns, "not looked up"))),
        ] {
            says(GUARD, Some(&on), &create, &facts, expected);
        }
        says(GUARD, Some(&on), &[delete("blue")], &looked(Vec::new()), None);
    }
}
