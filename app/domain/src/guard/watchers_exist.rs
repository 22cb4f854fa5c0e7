//! Logs and alerts have a destination.

use super::context::{GuardContext, Move};
use super::{Finding, Guard, Level, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "watchers-exist",
    rule: "Logs and alerts have a destination",
    help: "Diagnostic settings send logs to the Log Analytics workspace behind the workspace's Application \
           Insights, and the alert rule calls an action group. If one of them does not exist, Azure rejects the \
           settings, or alerts notify nobody. Create it, or name another one in the infra configuration \
           (action_group_name).",
    levels: &[Level::Passes, Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if !case.moves.contains(&Move::Observe) {
        return None;
    }
    match case.facts.nowhere.as_deref()? {
        [] => passes("The log workspace and the action group exist."),
        missing => warns(format!(
            "Missing: {}. Create it, or name another one in the infra configuration.",
            missing.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Passes, Warns};
    use crate::guard::fixtures::{delete, endpoint, says};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_missing_destination_warns() {
        let on = endpoint("blue", "blue=100");
        let missing = |all: &[&str]| GuardInputs {
            nowhere: Some(all.iter().map(|one| (*one).to_owned()).collect()),
            ..GuardInputs::default()
        };
        let observe = [Move::Observe];
        let group = missing(&["the action group ag-x"]);
        says(GUARD, Some(&on), &observe, &group, Some((Warns, "Missing: the action group ag-x.")));
        says(GUARD, Some(&on), &observe, &missing(&[]), Some((Passes, "group exist")));
        says(GUARD, Some(&on), &observe, &GuardInputs::default(), None);
        says(GUARD, Some(&on), &[delete("blue")], &group, None);
    }
}
