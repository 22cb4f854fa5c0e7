//! Release and Azure agree.

use super::case::Case;
use super::{Finding, Guard, passes, warns};

/// Fields that are named; the others are counted.
const SHOWN_MAX: usize = 5;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "release-agrees",
    rule: "Release and Azure agree",
    help: "What the release says and what Azure has should be the same after the plan. Where they \
           differ in something that this plan leaves alone, somebody changed Azure by hand or the \
           release was never carried out. Update the release, or deploy what it says under a new name.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    match case.facts.release_drift.as_deref()? {
        [] => passes("After this plan, Azure is as the release says."),
        fields => {
            let shown = fields.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
            let more = fields.len().saturating_sub(SHOWN_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            warns(format!(
                "Azure differs from the release in what this plan leaves alone: {shown}{more}. Update the \
                 release, or deploy it under a new name."
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::says;

    #[test]
    fn table() {
        let drift = |release_drift| Facts { release_drift, ..Facts::default() };
        let fields = |count: usize| Some((0..count).map(|n| format!("/f{n}")).collect());
        says(GUARD, None, &[], &drift(None), None);
        says(GUARD, None, &[], &drift(fields(0)), Some((Passes, "as the release says")));
        says(GUARD, None, &[], &drift(fields(2)), Some((Warns, "alone: /f0, /f1. Update")));
        says(GUARD, None, &[], &drift(fields(9)), Some((Warns, "and 4 more")));
    }
}
