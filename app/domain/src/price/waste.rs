//! Deployments that cost and do nothing: idle ones, and failed ones, whose instances Azure bills all the same (Azure docs:
//! how-to-view-online-endpoints-costs).

use super::estimate::{Cost, Instances};
use super::table::PriceTable;
use crate::decimal::Decimal;
use crate::endpoint::{Deployment, Endpoint};
use crate::name::DeploymentName;
use crate::provisioning::ProvisioningState;
use crate::route::Part;
use serde::{Deserialize, Serialize};

/// Why a deployment costs for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its provisioning failed or was cancelled.
    Failed,
    /// It gets neither live nor mirrored traffic, and nobody called it by name.
    Idle,
}

/// A deployment that costs and does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    pub deployment: DeploymentName,
    pub why: Why,
    pub cost: Cost,
    /// What it is, what it costs, and what to do.
    pub says: String,
}

/// The requests that a deployment got in the last minutes, for any reason; `None` if not measured.
pub type Requests<'a> = &'a dyn Fn(&DeploymentName) -> Option<u64>;

/// All deployments of an endpoint that cost and do nothing, the most expensive first. A deployment whose requests were
/// not measured is not called idle.
#[must_use]
pub fn waste(
    endpoint: &Endpoint,
    table: Option<&PriceTable>,
    region: &str,
    requests: Requests<'_>,
) -> Vec<Waste> {
    if endpoint.kubernetes {
        // Its machines are the cluster's, and cost the same with fewer deployments.
        return Vec::new();
    }
    let one = |deployment: &Deployment| {
        let why = why(endpoint, deployment, requests)?;
        let Deployment { name, instance_type, instance_count, .. } = deployment;
        let instances =
            Instances { instance_type: instance_type.as_deref(), count: *instance_count };
        let cost = Cost::of(table, region, instances);
        let what = match why {
            Why::Failed => format!("{name} has failed, and Azure bills its instances all the same"),
            Why::Idle => format!("{name} gets no requests"),
        };
        let known = table.filter(|_| cost.is_known() || cost.per_hour > Decimal::whole(0));
        let costs = match known {
            Some(table) => format!("It costs {}.", cost.words(table.currency)),
            None => {
                let unknown: Vec<_> = cost.unknown.iter().map(String::as_str).collect();
                format!("Its cost is unknown. {}", unknown.join(" "))
            }
        };
        let says = format!("{what}. {costs} Delete it if nobody needs it.");
        Some(Waste { deployment: name.clone(), why, cost, says })
    };
    let mut all: Vec<_> = endpoint.deployments.iter().filter_map(one).collect();
    all.sort_by(|one, other| {
        other
            .cost
            .per_hour
            .cmp(&one.cost.per_hour)
            .then_with(|| one.deployment.cmp(&other.deployment))
    });
    all
}

fn why(endpoint: &Endpoint, deployment: &Deployment, requests: Requests<'_>) -> Option<Why> {
    if deployment.instance_count == Some(0) {
        return None;
    }
    match deployment.state {
        ProvisioningState::Failed | ProvisioningState::Canceled => Some(Why::Failed),
        ProvisioningState::Succeeded => {
            let is_idle = endpoint.part(&deployment.name) == Part::Idle;
            (is_idle && requests(&deployment.name) == Some(0)).then_some(Why::Idle)
        }
        // It is being created, updated or deleted.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::table;
    use super::*;
    use crate::guard::fixtures;

    #[test]
    fn idle_and_failed_deployments_that_cost_are_listed() {
        let mut on = fixtures::endpoint(
            "blue green red!Failed grey!Updating old",
            "blue=100;mirror=green:10",
        );
        let table = table();
        let none = |_: &DeploymentName| Some(0);
        let found = waste(&on, Some(&table), "westeurope", &none);
        let list: Vec<_> = found.iter().map(|one| (one.deployment.as_str(), one.why)).collect();
        assert_eq!(list, [("old", Why::Idle), ("red", Why::Failed)]);
        assert_eq!(
            found[0].says,
            "old gets no requests. It costs 0.88 EUR per hour, 641.67 EUR per month. Delete it if nobody needs it."
        );
        assert!(found[1].says.contains("bills its instances all the same"), "{found:?}");
        let called = |name: &DeploymentName| (name.as_str() != "old").then_some(0);
        assert_eq!(
            waste(&on, Some(&table), "westeurope", &called).len(),
            1,
            "not measured is not idle"
        );
        let without = waste(&on, None, "westeurope", &none);
        assert!(
            without[0].says.contains("Its cost is unknown. The configuration has no price table."),
            "{without:?}"
        );
        on.deployments.iter_mut().for_each(|one| one.instance_count = Some(0));
        assert_eq!(waste(&on, Some(&table), "westeurope", &none), []);
        on.deployments.iter_mut().for_each(|one| one.instance_count = Some(1));
        on.kubernetes = true;
        assert_eq!(waste(&on, Some(&table), "westeurope", &none), []);
    }
}
