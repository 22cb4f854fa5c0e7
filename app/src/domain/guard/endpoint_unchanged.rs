//! The endpoint is as it was when this was planned.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "endpoint-unchanged",
    rule: "The endpoint is as it was when this was planned",
    help: "Somebody decides on what they saw. If Azure has changed since, by another tool or another \
           person, the decision no longer fits: Azure ML honours no ETags, so the last writer would win \
           silently. Look at the new plan and decide again.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    match &case.facts.moved_since {
        None => passes("This plan was made from what Azure says now."),
        Some(changes) if changes.is_empty() => {
            passes("Nothing has changed since this was planned.")
        }
        Some(changes) => blocks(format!(
            "{} changed since this was planned: {}. Look at the new plan and decide again.",
            case.name(),
            changes.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::says;

    #[test]
    fn table() {
        let since = |moved_since| Facts { moved_since, ..Facts::default() };
        says(GUARD, None, &[], &since(None), Some((Passes, "says now")));
        says(GUARD, None, &[], &since(Some(Vec::new())), Some((Passes, "Nothing has changed")));
        let changed = since(Some(vec!["traffic of blue".to_owned()]));
        says(GUARD, None, &[], &changed, Some((Blocks, "changed since this was planned: traffic")));
    }
}
