//! Names keep Azure's rules.

use super::case::Case;
use super::{Finding, Guard, blocks, passes};

/// Most characters of an endpoint's and a deployment's name together on Kubernetes (Azure: how-to-manage-quotas).
const TOGETHER_MAX: usize = 62;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "names-legal",
    rule: "Names keep Azure's rules",
    help: "Endpoint and deployment names have 3 to 32 letters, digits and hyphens, start with a letter \
           and end with a letter or a digit (Azure: quotas of online endpoints); an endpoint's name is \
           a DNS label and unique in its region. On Kubernetes both names together have 6 to 62 \
           characters. Choose another name.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    case.created().next()?;
    let kubernetes = case.endpoint.is_some_and(|endpoint| endpoint.kubernetes);
    let endpoint = case.name().len();
    let long = case.created().find(|(_, new)| endpoint + new.name.as_str().len() > TOGETHER_MAX);
    match long {
        Some((_, new)) if kubernetes => blocks(format!(
            "{} and {} have {} characters together; on Kubernetes {TOGETHER_MAX} are allowed. Choose a \
             shorter name.",
            case.name(),
            new.name,
            endpoint + new.name.as_str().len()
        )),
        _ => passes("3 to 32 letters, digits and hyphens, with a letter in front."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::case::Move;
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says, wanted};
    use crate::domain::plan::Target;

    #[test]
    fn table() {
        let facts = Facts::default();
        let mut on = endpoint("blue", "blue=100");
        let create = [Move::Create(wanted("green"))];
        says(GUARD, Some(&on), &create, &facts, Some((Passes, "3 to 32")));
        says(GUARD, Some(&on), &[Move::Observe], &facts, None);
        on.kubernetes = true;
        says(GUARD, Some(&on), &create, &facts, Some((Passes, "3 to 32")));
        on.key.endpoint = "e".repeat(32).parse().expect("a name");
        let long = [Move::Create(wanted(&"d".repeat(31)))];
        let case = Case {
            at: &Target::Endpoint(on.key.clone()),
            endpoint: Some(&on),
            moves: &long,
            facts: &facts,
        };
        let verdict = GUARD.judge(&case).expect("a verdict");
        assert!(verdict.level == Blocks && verdict.reason.contains("63 characters"));
    }
}
