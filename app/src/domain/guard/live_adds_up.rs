//! Live traffic totals 100 %.

use super::case::Case;
use super::{Finding, Guard, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "live-adds-up",
    rule: "Live traffic totals 100 %",
    help: "The live shares of an endpoint are whole numbers that add up to 100, or to 0 when all is \
           switched off on purpose; then every client gets 404. Change a share so that the sum is 100.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let after = case.after()?;
    let was_off = case.before().split().is_off();
    match (after.split().is_off(), was_off) {
        (true, false) => warns("All live traffic is switched off: every client will get 404."),
        (true, true) => warns("Live traffic stays off: every client gets 404."),
        (false, _) => passes("The live shares add up to 100 %."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{delete, endpoint, says, set_route};

    #[test]
    fn table() {
        let facts = Facts::default();
        let (live, off) = (endpoint("blue", "blue=100"), endpoint("blue", ""));
        says(GUARD, Some(&live), &[set_route("")], &facts, Some((Warns, "404")));
        says(GUARD, Some(&off), &[set_route("")], &facts, Some((Warns, "stays off")));
        says(GUARD, Some(&off), &[set_route("blue=100")], &facts, Some((Passes, "100 %")));
        says(GUARD, Some(&off), &[delete("blue")], &facts, None);
    }
}
