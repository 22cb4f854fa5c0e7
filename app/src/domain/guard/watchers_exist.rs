//! Logs and alerts arrive somewhere.

use super::case::{Case, Move};
use super::{Finding, Guard, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "watchers-exist",
    rule: "Logs and alerts arrive somewhere",
    help: "Diagnostic settings send logs to the Log Analytics workspace behind the workspace's Application \
           Insights, and the alert rule calls an action group. When one of them is not there, Azure refuses \
           the settings or nobody is called. Create it, or name another one in the infra configuration \
           (action_group_name).",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.moves.contains(&Move::Observe) {
        return None;
    }
    match case.facts.nowhere.as_deref()? {
        [] => passes("The log workspace and the action group are there."),
        missing => warns(format!(
            "Not there: {}. Create it, or name another one in the infra configuration.",
            missing.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says};

    #[test]
    fn table() {
        let on = endpoint("blue", "blue=100");
        let missing = |all: &[&str]| Facts {
            nowhere: Some(all.iter().map(|one| (*one).to_owned()).collect()),
            ..Facts::default()
        };
        let observe = [Move::Observe];
        let group = missing(&["the action group ag-x"]);
        says(
            GUARD,
            Some(&on),
            &observe,
            &group,
            Some((Warns, "Not there: the action group ag-x.")),
        );
        says(GUARD, Some(&on), &observe, &missing(&[]), Some((Passes, "are there")));
        says(GUARD, Some(&on), &observe, &Facts::default(), None);
        says(GUARD, Some(&on), &[delete("blue")], &group, None);
    }
}
