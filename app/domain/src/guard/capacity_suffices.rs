//! Capacity suffices for the live share.

use super::context::GuardContext;
use super::{Finding, Guard, Level, warns};
use crate::name::DeploymentName;

/// The rule.
pub(super) const GUARD: Guard = Guard {
    id: "capacity-suffices",
    rule: "Capacity suffices for the live share",
    help: "Each instance of a deployment answers a limited number of requests at once. If fewer instances of the \
           same size take over the same traffic, requests queue up, and Azure answers some of them with 429. Raise \
           the instance count of the deployment before it gets more live traffic. This is a warning: the live \
           deployment may have more instances than it needs.",
    levels: &[Level::Warns],
    judged_at_start: false,
    check,
};

/// The instance count and the machine size of a deployment.
type Capacity<'a> = (u32, &'a str);

fn check(case: &GuardContext<'_>) -> Option<Finding> {
    let (before, after) = (case.before(), case.after()?);
    for (name, share) in after.split().iter() {
        if share <= before.split().share(name) {
            continue;
        }
        let (count, size) = capacity_after(case, name)?;
        // The other live deployment whose instances carry most now.
        let mut most: Option<(&DeploymentName, u8, u32)> = None;
        for (live, now) in before.split().iter().filter(|(live, _)| *live != name) {
            let (instances, live_size) = capacity_now(case, live)?;
            if live_size != size {
                return None;
            }
            if most.is_none_or(|(_, share, other)| carries_more(now, instances, share, other)) {
                most = Some((live, now, instances));
            }
        }
        let Some((live, now, instances)) = most else { continue };
        if count < instances && carries_more(share, count, now, instances) {
            return warns(format!(
                "{name} has {} and would take {share} % of live traffic; {live} has {} and takes {now} %. \
                 Raise the instance count of {name} first.",
                counted(count),
                counted(instances)
            ));
        }
    }
    None
}

/// Whether each of `count` instances carries more with `share` than each of `other_count` with `other_share`.
fn carries_more(share: u8, count: u32, other_share: u8, other_count: u32) -> bool {
    u64::from(share) * u64::from(other_count) > u64::from(other_share) * u64::from(count)
}

fn capacity_now<'a>(case: &GuardContext<'a>, name: &DeploymentName) -> Option<Capacity<'a>> {
    let live = case.deployment(name)?;
    Some((live.instance_count?, live.instance_type.as_deref()?))
}

fn capacity_after<'a>(case: &GuardContext<'a>, name: &DeploymentName) -> Option<Capacity<'a>> {
    match case.written().find(|wanted| wanted.name == *name) {
        Some(wanted) => Some((wanted.instance_count?, wanted.instance_type.as_deref()?)),
        None => capacity_now(case, name),
    }
}

fn counted(instances: u32) -> String {
    if instances == 1 { "1 instance".to_owned() } else { format!("{instances} instances") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;
    use crate::guard::Level::Warns;
    use crate::guard::context::{Move, Wanted};
    use crate::guard::fixtures::{endpoint, says, set_route, wanted};
    use crate::guard::inputs::GuardInputs;

    fn with(counts: [u32; 2], at: &str) -> Endpoint {
        let mut on = endpoint("eedi green", at);
        for (deployment, count) in on.deployments.iter_mut().zip(counts) {
            deployment.instance_count = Some(count);
        }
        on
    }

    #[test]
    fn fewer_instances_for_the_same_traffic_are_a_warning() {
        let facts = GuardInputs::default();
        for (counts, at, to, expected) in [
            ([2, 1], "eedi=100", "green=100", Some("green has 1 instance and would take 100 %")),
            ([2, 1], "eedi=100", "eedi=50,green=50", None),
            ([2, 1], "eedi=100", "eedi=40,green=60", Some("eedi has 2 instances and takes 100 %")),
            ([2, 2], "eedi=100", "green=100", None),
            ([1, 2], "eedi=100", "green=100", None),
            ([2, 1], "eedi=50,green=50", "eedi=40,green=60", Some("green has 1 instance")),
            ([1, 1], "eedi=90,green=10", "green=100", None),
            ([2, 1], "eedi=100", "", None),
            ([2, 1], "", "green=100", None),
        ] {
            let on = with(counts, at);
            let expected = expected.map(|part| (Warns, part));
            says(GUARD, Some(&on), &[set_route(to)], &facts, expected);
        }
    }

    #[test]
    fn unknown_counts_and_other_sizes_are_not_compared() {
        let facts = GuardInputs::default();
        let mut on = with([2, 1], "eedi=100");
        on.deployments[1].instance_type = Some("Standard_F8s_v2".to_owned());
        says(GUARD, Some(&on), &[set_route("green=100")], &facts, None);
        on.deployments[1].instance_type = None;
        says(GUARD, Some(&on), &[set_route("green=100")], &facts, None);
    }

    #[test]
    fn an_update_of_the_instance_count_counts() {
        let on = with([2, 1], "eedi=100");
        let raised = Move::Update(Wanted { instance_count: Some(2), ..wanted("green") });
        let moves = [raised, set_route("green=100")];
        says(GUARD, Some(&on), &moves, &GuardInputs::default(), None);
    }
}
