//! Azure can mirror as the route says.

use super::context::GuardContext;
use super::{Finding, Guard, Level, blocks, passes};

pub(super) const GUARD: Guard = Guard {
    id: "mirror-possible",
    rule: "Mirroring is possible",
    help: "Azure mirrors up to 50 % of live traffic to one deployment, which must not be live itself, and only \
           on managed endpoints. Clients never get the shadow's answers. The copies count against the endpoint's \
           bandwidth. Requests that name a deployment are not copied.",
    levels: &[Level::Passes, Level::Blocks],
    judged_at_start: false,
    check,
};

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    if let Some(name) = &case.facts.mirror_to_live {
        return blocks(format!(
            "{name} takes live traffic, so nothing can be mirrored to it. Move its traffic first, or remove the \
             mirror percentage from the release."
        ));
    }
    let after = case.after()?;
    let kubernetes = case.endpoint.is_some_and(|endpoint| endpoint.kubernetes);
    match after.mirror() {
        Some(_) if kubernetes => {
            blocks("Azure does not mirror on Kubernetes endpoints. Clear the mirror.")
        }
        Some(_) if after.split().is_off() => blocks(
            "There is no live traffic to mirror. Give a deployment live traffic or clear the mirror.",
        ),
        Some(mirror) => passes(format!(
            "{} % of live requests are copied to {}; clients never get its answers. Copies count \
             against the endpoint's bandwidth.",
            mirror.percent(),
            mirror.deployment()
        )),
        None => passes("Nothing is mirrored."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Level::{Blocks, Passes};
    use crate::guard::fixtures::{delete, endpoint, name, says, set_route};
    use crate::guard::inputs::GuardInputs;

    #[test]
    fn a_mirror_needs_live_traffic_on_a_managed_endpoint() {
        let facts = GuardInputs::default();
        let mut on = endpoint("blue green", "blue=100");
        let mirror = [set_route("blue=100;mirror=green:20")];
        says(GUARD, Some(&on), &mirror, &facts, Some((Passes, "20 % of live requests")));
        says(GUARD, Some(&on), &[set_route("blue=100")], &facts, Some((Passes, "Nothing")));
        says(GUARD, Some(&on), &[set_route(";mirror=green:20")], &facts, Some((Blocks, "no live")));
        says(GUARD, Some(&on), &[delete("green")], &facts, None);
        let live = GuardInputs { mirror_to_live: Some(name("blue")), ..GuardInputs::default() };
        says(GUARD, Some(&on), &[], &live, Some((Blocks, "blue takes live traffic")));
        on.kubernetes = true;
        says(GUARD, Some(&on), &mirror, &facts, Some((Blocks, "Kubernetes")));
    }
}
