//! The endpoint exists.

use super::context::{GuardContext, Move};
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "endpoint-exists",
    rule: "The endpoint exists",
    help: "Deployments, routes, diagnostic settings and load tests belong to an endpoint. If the endpoint does \
           not exist, the plan must create it first; a release with deploy: true does.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
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
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{endpoint, says, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_missing_endpoint_is_created_before_anything_else() {
        let facts = GuardInputs::default();
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
