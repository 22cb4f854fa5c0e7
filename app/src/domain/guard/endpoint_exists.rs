//! The endpoint exists.

use super::case::{Case, Move};
use super::{Finding, Guard, blocks, passes};

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "endpoint-exists",
    rule: "The endpoint exists",
    help: "Deployments, routes, diagnostic settings and load tests belong to an endpoint. When there is \
           none, the plan must create it first; a release does that when its deploy input is true.",
    check,
};

fn check(case: &Case<'_>) -> Option<Finding> {
    let name = case.name();
    let needs = |moved: &Move| !matches!(moved, Move::PutEndpoint | Move::Build);
    match (case.endpoint, case.moves.iter().position(|moved| *moved == Move::PutEndpoint)) {
        (Some(_), _) => None,
        (None, Some(made))
            if case.moves.iter().position(needs).is_none_or(|first| made < first) =>
        {
            passes(format!("{name} is created first."))
        }
        (None, _) if !case.moves.iter().any(needs) => None,
        (None, _) => blocks(format!(
            "There is no endpoint {name} in {}. Create it first: a release with deploy: true does.",
            case.stage()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::Level::{Blocks, Passes};
    use crate::domain::guard::facts::Facts;
    use crate::domain::guard::trial::{endpoint, says, wanted};

    #[test]
    fn table() {
        let facts = Facts::default();
        let on = endpoint("blue", "blue=100");
        let make = [Move::PutEndpoint, Move::Create(wanted("blue"))];
        says(GUARD, Some(&on), &[Move::Observe], &facts, None);
        says(GUARD, None, &make, &facts, Some((Passes, "is created first")));
        says(
            GUARD,
            None,
            &[Move::Observe, Move::PutEndpoint],
            &facts,
            Some((Blocks, "no endpoint")),
        );
        says(GUARD, None, &[Move::LoadTest], &facts, Some((Blocks, "no endpoint anet-ep")));
        says(GUARD, None, &[Move::Build], &facts, None);
    }
}
