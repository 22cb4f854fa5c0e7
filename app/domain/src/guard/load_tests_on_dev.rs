//! No load test runs on a protected stage.

use super::context::{GuardContext, Move};
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "load-tests-on-dev",
    rule: "No load test runs on a protected stage",
    help: "A load test sends as many requests as possible. On a protected stage, its requests compete with \
           those of real clients and trigger alerts. A stage is protected if the configuration sets a policy or \
           protected: true. Run load tests on another stage, and use a shadow on this one.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if !case.moves.contains(&Move::LoadTest) {
        return None;
    }
    let stage = case.stage();
    match case.facts.protected {
        false => passes(format!("The configuration does not protect {stage}.")),
        true => blocks(format!(
            "The configuration protects {stage}: a load test would compete with real clients. Run it on a stage that \
             is not protected, and set run_load_test: false here."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{endpoint, says};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_protected_stage_blocks_load_tests() {
        let on = endpoint("blue", "blue=100");
        let stage = |protected| GuardInputs { protected, ..GuardInputs::default() };
        let test = [Move::Observe, Move::LoadTest];
        says(GUARD, Some(&on), &test, &stage(false), Some((Passes, "does not protect")));
        says(
            GUARD,
            Some(&on),
            &test,
            &stage(true),
            Some((Blocks, "Run it on a stage that is not protected")),
        );
        says(GUARD, Some(&on), &[Move::Observe], &stage(true), None);
    }
}
