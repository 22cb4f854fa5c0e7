//! Load tests belong on dev.

use super::case::{Case, Move};
use super::{Finding, Guard, blocks, passes, warns};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "load-tests-on-dev",
    rule: "Load tests belong on dev",
    help: "A load test sends as many requests as it can, and on a protected stage they compete with \
           those of real clients and set off its alerts. Run it on dev, and use a shadow on prod. A \
           stage's policy can allow it all the same.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.moves.contains(&Move::LoadTest) {
        return None;
    }
    let stage = case.stage();
    match (case.facts.protected, case.facts.load_tests_allowed) {
        (false, _) => passes(format!("{stage} is not protected.")),
        (true, true) => warns(format!(
            "{stage} is protected, and its policy allows load tests: real clients will feel it."
        )),
        (true, false) => blocks(format!(
            "{stage} is a protected stage: a load test would compete with real clients. Run it on dev and set \
             run_load_test: false here."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes, Warns};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says};

    #[test]
    fn table() {
        let on = endpoint("blue", "blue=100");
        let stage = |protected, load_tests_allowed| Facts {
            protected,
            load_tests_allowed,
            ..Facts::default()
        };
        let test = [Move::Observe, Move::LoadTest];
        says(GUARD, Some(&on), &test, &stage(false, false), Some((Passes, "not protected")));
        says(GUARD, Some(&on), &test, &stage(true, true), Some((Warns, "real clients")));
        says(GUARD, Some(&on), &test, &stage(true, false), Some((Blocks, "Run it on dev")));
        says(GUARD, Some(&on), &[Move::Observe], &stage(true, false), None);
    }
}
