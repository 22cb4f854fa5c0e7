//! No load test runs on a protected stage.

use super::case::{Case, Move};
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "load-tests-on-dev",
    rule: "No load test runs on a protected stage",
    help: "A load test sends as many requests as it can, and on a protected stage they compete with \
           those of real clients and set off its alerts. Run it on a stage without protection, and use a shadow on prod.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    if !case.moves.contains(&Move::LoadTest) {
        return None;
    }
    let stage = case.stage();
    match case.facts.protected {
        false => passes(format!("{stage} is not protected.")),
        true => blocks(format!(
            "{stage} is a protected stage: a load test would compete with real clients. Run it on dev and set \
             run_load_test: false here."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says};

    #[test]
    fn table() {
        let on = endpoint("blue", "blue=100");
        let stage = |protected| Facts { protected, ..Facts::default() };
        let test = [Move::Observe, Move::LoadTest];
        says(GUARD, Some(&on), &test, &stage(false), Some((Passes, "not protected")));
        says(GUARD, Some(&on), &test, &stage(true), Some((Blocks, "Run it on dev")));
        says(GUARD, Some(&on), &[Move::Observe], &stage(true), None);
    }
}
