//! Plans: what a change would do, before anything is sent.

use super::endpoint::Endpoint;
use super::guard::{self, Verdict};
use super::name::DeploymentName;
use super::route::Route;
use super::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One field that changes (or stays), live against desired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The field as Azure names it, for example `traffic.green`.
    pub field: String,
    /// What it is; `None` when absent.
    pub before: Option<String>,
    /// What it becomes; `None` when absent.
    pub after: Option<String>,
}

impl Difference {
    /// Whether the two sides differ.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// A plan: pure result of an intent and the observed endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it changes.
    pub endpoint: EndpointKey,
    /// The route it was made from. If Azure has another one when it is applied, it is refused.
    pub base: Route,
    /// What is sent, in order, in plain words.
    pub steps: Vec<String>,
    /// Field by field.
    pub differences: Vec<Difference>,
    /// What the guards say.
    pub verdicts: Vec<Verdict>,
}

impl Plan {
    /// Why it must not be applied; `None` when it may.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        guard::blocks(&self.verdicts)
    }

    /// Plans a new route.
    #[must_use]
    pub fn route(endpoint: &Endpoint, after: &Route) -> Self {
        let before = &endpoint.route;
        // Extended, not collected: that would bring a sort to the browser.
        let mut names = BTreeSet::new();
        names.extend(before.named().chain(after.named()));
        let mut differences = Vec::new();
        let percent = |share: u8| (share > 0).then(|| format!("{share} %"));
        for name in &names {
            let (from, to) = (before.split().share(name), after.split().share(name));
            if from > 0 || to > 0 {
                let field = format!("traffic.{name}");
                differences.push(Difference { field, before: percent(from), after: percent(to) });
            }
        }
        let mirrored = |route: &Route, name: &DeploymentName| {
            let mirror = route.mirror().filter(|mirror| mirror.deployment() == name)?;
            percent(mirror.percent())
        };
        for name in &names {
            let (from, to) = (mirrored(before, name), mirrored(after, name));
            if from.is_some() || to.is_some() {
                let field = format!("mirrorTraffic.{name}");
                differences.push(Difference { field, before: from, after: to });
            }
        }
        let cleared = before.mirror().is_some() && after.mirror().is_none();
        let mirror = if cleared { ", clearing the mirror in the same PUT" } else { "" };
        let name = &endpoint.key.endpoint;
        Self {
            endpoint: endpoint.key.clone(),
            base: before.clone(),
            steps: vec![
                format!("Read {name} again and compare its route with the one shown here"),
                format!("PUT {name} with traffic and mirrorTraffic together{mirror}"),
                "Wait until Azure says Succeeded, then read the route back and compare".to_owned(),
            ],
            differences,
            verdicts: guard::over_route(endpoint, after),
        }
    }

    /// Plans the creation of a deployment whose fields are given as Azure names them.
    #[must_use]
    pub fn create(endpoint: &Endpoint, name: &DeploymentName, fields: &[(String, String)]) -> Self {
        let difference = |(field, value): &(String, String)| Difference {
            field: field.clone(),
            before: None,
            after: Some(value.clone()),
        };
        Self {
            endpoint: endpoint.key.clone(),
            base: endpoint.route.clone(),
            steps: vec![
                format!(
                    "Read {} again and check that {name} does not exist",
                    endpoint.key.endpoint
                ),
                format!("PUT the deployment {name}; the route is not touched"),
                "Wait until Azure says Succeeded or Failed".to_owned(),
            ],
            differences: fields.iter().map(difference).collect(),
            verdicts: guard::over_create(endpoint, name),
        }
    }

    /// Plans the deletion of a deployment.
    #[must_use]
    pub fn delete(endpoint: &Endpoint, name: &DeploymentName) -> Self {
        Self {
            endpoint: endpoint.key.clone(),
            base: endpoint.route.clone(),
            steps: vec![
                format!(
                    "Read {} again and check that no traffic goes to {name}",
                    endpoint.key.endpoint
                ),
                format!("DELETE the deployment {name}"),
                "Wait until Azure says Succeeded".to_owned(),
            ],
            differences: vec![Difference {
                field: format!("deployments.{name}"),
                before: endpoint.deployment(name).map(|d| d.state.to_string()),
                after: None,
            }],
            verdicts: guard::over_delete(endpoint, name),
        }
    }
}
