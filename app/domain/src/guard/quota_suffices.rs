//! The free quota suffices for new instances.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes, warns};
use std::collections::BTreeMap;

pub(super) const GUARD: Guard = Guard {
    id: "quota-suffices",
    rule: "The free quota suffices",
    help: "For upgrades, Azure reserves 20 % more instances than requested: n instances need quota for \
           n × 1.2, rounded up. If the quota does not suffice, Azure reports it only after minutes of provisioning. \
           Request fewer instances or another size, delete idle deployments, or have the quota raised.",
    levels: &[Level::Passes, Level::Warns, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let mut created = case.created();
    let (_, new) = created.next()?;
    let count = new.instance_count.unwrap_or(1);
    let needed = instances_reserved(count);
    let Some(quotas) = &case.facts.quota else {
        return warns(format!(
            "Free quota is not known here. An instance count of {count} needs quota for {needed}, because Azure reserves a \
             fifth for upgrades."
        ));
    };
    // Machines of one family share a quota, so the cores of all new deployments add up.
    let mut needed: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, new) in std::iter::once((0, new)).chain(created) {
        let size = new.instance_type.as_deref().unwrap_or_default();
        let Some(quota) =
            quotas.iter().find(|quota| quota.instance_type.eq_ignore_ascii_case(size))
        else {
            return warns(format!("The free quota for {size} is not known here."));
        };
        let count = new.instance_count.unwrap_or(1);
        let cores = needed.entry(quota.family.as_str()).or_default();
        *cores = cores.saturating_add(instances_reserved(count).saturating_mul(quota.cores));
        if *cores > quota.free_cores {
            return blocks(format!(
                "With {count} × {size}, {cores} cores are needed with Azure's reserve, and {} are free. \
                 Request fewer instances, delete idle deployments, or have the quota raised.",
                quota.free_cores
            ));
        }
    }
    passes("The free quota covers the instances and Azure's reserve.")
}

/// ⌈1.2 · n⌉: Azure reserves 20 % for upgrades (how-to-manage-quotas).
fn instances_reserved(count: u32) -> u32 {
    u32::try_from((u64::from(count) * 6).div_ceil(5)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes, Warns};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, wanted};
    use crate::guard::inputs::{GuardInputs, Quota};

    #[test]
    fn new_instances_and_their_reserve_must_fit_into_the_quota_of_their_family() {
        let on = endpoint("blue", "blue=100");
        let free = |size: &str, free_cores| {
            let (instance_type, family) = (size.to_owned(), "dsv2".to_owned());
            let quota = Quota { instance_type, family, cores: 4, free_cores };
            GuardInputs { quota: Some(vec![quota]), ..GuardInputs::default() }
        };
        let create = [Move::Create(wanted("green"))];
        let size = "standard_DS3_v2";
        says(GUARD, Some(&on), &create, &GuardInputs::default(), Some((Warns, "quota for 4")));
        says(GUARD, Some(&on), &create, &free("Standard_F2", 99), Some((Warns, "not known")));
        says(GUARD, Some(&on), &create, &free(size, 15), Some((Blocks, "16 cores are needed")));
        says(GUARD, Some(&on), &create, &free(size, 16), Some((Passes, "covers")));
        let both = [Move::Create(wanted("green")), Move::Create(wanted("red"))];
        says(GUARD, Some(&on), &both, &free(size, 31), Some((Blocks, "32 cores are needed")));
        says(GUARD, Some(&on), &both, &free(size, 32), Some((Passes, "covers")));
        says(GUARD, Some(&on), &[delete("blue")], &free(size, 0), None);
        for (count, reserved) in [(0, 0), (1, 2), (5, 6), (6, 8), (50, 60), (u32::MAX, u32::MAX)] {
            assert_eq!(instances_reserved(count), reserved, "{count}");
        }
    }
}
