//! Live traffic is on. A route whose shares add up to neither 0 nor 100 cannot be built, so only 0 is left to judge.

use super::context::GuardContext;
use super::{Finding, Guard, Level, passes, warns};

pub(super) const GUARD: Guard = Guard {
    id: "live-adds-up",
    rule: "Live traffic is on",
    help: "A route can switch all live traffic off: the live shares of an endpoint add up to 100, or to 0. \
           While they add up to 0, every client that does not name a deployment gets 404. Give a deployment live \
           traffic, unless the endpoint must be off.",
    levels: &[Level::Passes, Level::Warns],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let after = case.after()?;
    let was_off = case.before().split().is_off();
    match (after.split().is_off(), was_off) {
        (true, false) => {
            warns("This change switches all live traffic off: every client will get 404.")
        }
        (true, true) => warns("Live traffic stays off: every client gets 404."),
        (false, _) => passes("Live traffic is on after this change."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Passes, Warns};
    use crate::guard::fixtures::{delete, endpoint, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn switching_live_traffic_off_warns() {
        let facts = GuardInputs::default();
        let (live, off) = (endpoint("blue", "blue=100"), endpoint("blue", ""));
        says(GUARD, Some(&live), &[set_route("")], &facts, Some((Warns, "404")));
        says(GUARD, Some(&off), &[set_route("")], &facts, Some((Warns, "stays off")));
        says(GUARD, Some(&off), &[set_route("blue=100")], &facts, Some((Passes, "is on after")));
        says(GUARD, Some(&off), &[delete("blue")], &facts, None);
    }
}
