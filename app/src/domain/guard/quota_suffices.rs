//! Quota suffices.

use super::case::Case;
use super::{Finding, Guard, blocks, passes, warns};
use std::collections::BTreeMap;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "quota-suffices",
    rule: "Quota suffices",
    help: "For upgrades Azure reserves a fifth more instances than asked for, so n instances need the \
           quota of n × 1.2, rounded up. When it is missing, Azure says so only after minutes of \
           provisioning. Ask for fewer instances or another size, delete what is idle, or have the \
           quota raised.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
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
    // Machines of one family share their quota: what is created together needs it together.
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
                "With {count} × {size}, {cores} cores are needed with Azure's reserve, and {} are free. Ask for \
                 fewer instances, delete what is idle, or have the quota raised.",
                quota.free_cores
            ));
        }
    }
    passes("The free quota covers the instances and Azure's reserve.")
}

/// ⌈1.2 · n⌉: Azure keeps a fifth in reserve for upgrades (how-to-manage-quotas).
fn instances_reserved(count: u32) -> u32 {
    u32::try_from((u64::from(count) * 6).div_ceil(5)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::{Facts, Quota};
    use crate::domain::guard::trial::{delete, endpoint, says, wanted};

    #[test]
    fn table() {
        let on = endpoint("blue", "blue=100");
        let free = |size: &str, free_cores| {
            let (instance_type, family) = (size.to_owned(), "dsv2".to_owned());
            let quota = Quota { instance_type, family, cores: 4, free_cores };
            Facts { quota: Some(vec![quota]), ..Facts::default() }
        };
        let create = [Move::Create(wanted("green"))];
        let size = "standard_DS3_v2";
        says(GUARD, Some(&on), &create, &Facts::default(), Some((Warns, "quota for 4")));
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
