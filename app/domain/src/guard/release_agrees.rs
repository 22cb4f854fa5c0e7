//! Release and Azure agree after the plan.

use super::context::GuardContext;
use super::{Finding, Guard, Level, passes, warns};

/// The maximum number of fields that the sentence names.
const SHOWN_MAX: usize = 5;

pub(super) const GUARD: Guard = Guard {
    id: "release-agrees",
    rule: "Release and Azure agree",
    help: "After the plan, Azure should have what the release says. If they differ in fields that this plan does \
           not change, somebody changed Azure outside the release, or the release was never applied. Update the \
           release, or deploy it under a new name.",
    levels: &[Level::Passes, Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    match case.facts.release_drift.as_deref()? {
        [] => passes("After this plan, Azure is as the release says."),
        fields => {
            let shown = fields.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join(", ");
            let more = fields.len().saturating_sub(SHOWN_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            warns(format!(
                "Azure differs from the release in fields that this plan does not change: {shown}{more}. Update the \
                 release, or deploy it under a new name."
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Passes, Warns};
    use crate::guard::fixtures::says;
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn differences_that_the_plan_does_not_change_warn() {
        let drift = |release_drift| GuardInputs { release_drift, ..GuardInputs::default() };
        let fields = |count: usize| Some((0..count).map(|n| format!("/f{n}")).collect());
        says(GUARD, None, &[], &drift(None), None);
        says(GUARD, None, &[], &drift(fields(0)), Some((Passes, "as the release says")));
        says(GUARD, None, &[], &drift(fields(2)), Some((Warns, "not change: /f0, /f1. Update")));
        says(GUARD, None, &[], &drift(fields(9)), Some((Warns, "and 4 more")));
    }
}
