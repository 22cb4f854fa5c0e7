//! Names follow Azure's rules.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};

/// The maximum total length of an endpoint's and a deployment's name on Kubernetes (Azure: how-to-manage-quotas).
const TOGETHER_MAX: usize = 62;

pub(super) const GUARD: Guard = Guard {
    id: "names-legal",
    rule: "Names follow Azure's rules",
    help: "Endpoint and deployment names have 3 to 32 letters, digits and hyphens, start with a letter \
           and end with a letter or a digit (Azure: quotas of online endpoints); an endpoint's name is \
           a DNS label and unique in its region. On Kubernetes both names together have 6 to 62 \
           characters. Choose another name.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    case.created().next()?;
    let kubernetes = case.endpoint.is_some_and(|endpoint| endpoint.kubernetes);
    let endpoint = case.name().len();
    let long = case.created().find(|(_, new)| endpoint + new.name.as_str().len() > TOGETHER_MAX);
    match long {
        Some((_, new)) if kubernetes => blocks(format!(
            "{} and {} have {} characters together; on Kubernetes, {TOGETHER_MAX} are allowed. Choose a \
             shorter name.",
            case.name(),
            new.name,
            endpoint + new.name.as_str().len()
        )),
        _ => passes("The names have 3 to 32 letters, digits and hyphens, and start with a letter."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;
    use crate::target::Target;

    #[test]
    fn names_that_are_too_long_together_block_on_kubernetes() {
        let facts = GuardInputs::default();
        let mut on = endpoint("blue", "blue=100");
        let create = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &create, &facts, Some((Passes, "3 to 32")));
        says(GUARD, Some(&on), &[Move::Observe], &facts, None);
        on.kubernetes = true;
        says(GUARD, Some(&on), &create, &facts, Some((Passes, "3 to 32")));
        on.key.endpoint = "e".repeat(32).parse().expect("a name");
        let long = [Move::Create(wanted(&"d".repeat(31)))];
        let case = GuardContext {
            at: &Target::Endpoint(on.key.clone()),
            endpoint: Some(&on),
            moves: &long,
            facts: &facts,
        };
        let verdict = GUARD.judge(&case).expect("a verdict");
        assert!(verdict.level == Blocks && verdict.reason.contains("63 characters"));
    }
}
