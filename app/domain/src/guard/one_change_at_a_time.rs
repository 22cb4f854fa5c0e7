//! Azure carries out one change of an endpoint at a time.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};
use crate::provisioning::ProvisioningState;

pub(super) const GUARD: Guard = Guard {
    id: "one-change-at-a-time",
    rule: "One change at a time",
    help: "Azure rejects overlapping changes of an endpoint with 409. Deleting or changing a deployment while \
           Azure changes it can leave it incomplete. Wait until Azure reports Succeeded or Failed. Fix a failed \
           endpoint with the tool that created it, or in the portal; the console never deletes an endpoint.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if !case.touches_endpoint() {
        return None;
    }
    let endpoint = case.endpoint?;
    let name = &endpoint.key.endpoint;
    if let Some(problem) = &endpoint.route_problem {
        return blocks(format!(
            "{problem} First set a valid route with the tool that set this one."
        ));
    }
    let state = endpoint.state;
    if state.is_busy() {
        return blocks(format!(
            "{name} is {state}: Azure is carrying out another change. Wait until it has Succeeded."
        ));
    }
    if state == ProvisioningState::Failed && case.written().next().is_some() {
        return blocks(format!("{name} has failed. Fix the endpoint first."));
    }
    let mut touched =
        case.written().map(|wanted| &wanted.name).chain(case.deleted().map(|(_, n)| n));
    let busy = touched.find_map(|name| case.deployment(name).filter(|found| found.state.is_busy()));
    match busy {
        Some(busy) => blocks(format!(
            "{} is {}: Azure is changing it. Wait until it has Succeeded or Failed.",
            busy.name, busy.state
        )),
        None => passes(format!("Azure reports no other change of {name}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::context::Move;
    use crate::guard::fixtures::{delete, endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn an_endpoint_or_deployment_that_azure_is_changing_blocks() {
        let facts = GuardInputs::default();
        let still = endpoint("blue green!Updating", "blue=100");
        let move_blue = [set_route("")];
        says(GUARD, Some(&still), &move_blue, &facts, Some((Passes, "no other change")));
        says(GUARD, Some(&still), &[delete("green")], &facts, Some((Blocks, "green is Updating")));
        says(GUARD, Some(&still), &[Move::Observe], &facts, None);
        says(GUARD, None, &move_blue, &facts, None);
        let mut busy = still.clone();
        busy.state = ProvisioningState::Updating;
        says(GUARD, Some(&busy), &move_blue, &facts, Some((Blocks, "another change")));
        let mut failed = still.clone();
        failed.state = ProvisioningState::Failed;
        let create = [Move::Create(wanted("red"))];
        says(GUARD, Some(&failed), &create, &facts, Some((Blocks, "has failed")));
        says(GUARD, Some(&failed), &move_blue, &facts, Some((Passes, "no other change")));
        let mut odd = still.clone();
        odd.route_problem = Some("Two mirrors.".to_owned());
        says(GUARD, Some(&odd), &move_blue, &facts, Some((Blocks, "Two mirrors. First set")));
    }
}
