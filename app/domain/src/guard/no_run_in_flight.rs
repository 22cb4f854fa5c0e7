//! The console has no run in flight on the endpoint.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "no-run-in-flight",
    rule: "No run of the console is in flight",
    help: "A run changes an endpoint step by step, and while a share of live traffic bakes, Azure itself reports \
           no change. The console starts one run of an endpoint at a time. Open the run: wait until it has \
           ended, or stop it.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: true,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if !case.touches_endpoint() {
        return None;
    }
    match case.facts.in_flight.as_deref()? {
        [] => passes("The console has no run under way on this endpoint."),
        [run, ..] => blocks(format!(
            "“{}”, started by {}, is under way. Wait until it has ended, or stop it on its page.",
            run.what, run.by
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{endpoint, says, set_route};
    use crate::guard::inputs::{GuardInputs, InFlight};

    #[test]
    fn a_run_in_flight_blocks_another_change_of_the_endpoint() {
        let on = endpoint("blue green", "blue=100");
        let known = |runs: &[&str]| GuardInputs {
            in_flight: Some(
                runs.iter()
                    .map(|what| InFlight { what: (*what).to_owned(), by: "Dana".to_owned() })
                    .collect(),
            ),
            ..GuardInputs::default()
        };
        let to = [set_route("green=100")];
        says(GUARD, Some(&on), &to, &GuardInputs::default(), None);
        says(GUARD, Some(&on), &to, &known(&[]), Some((Passes, "no run under way")));
        let said = "“Set the route”, started by Dana";
        says(GUARD, Some(&on), &to, &known(&["Set the route"]), Some((Blocks, said)));
        says(GUARD, Some(&on), &[Move::Observe], &known(&["Set the route"]), None);
    }
}
