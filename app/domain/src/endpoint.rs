//! Observed endpoints and deployments.

mod made_of;

use super::diagnosis::Failure;
use super::name::DeploymentName;
use super::provisioning::{Phase, ProvisioningState};
use super::route::{Part, Route};
use super::route_draft::{RouteDraft, Seat};
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

pub use made_of::{MadeOf, SecretMarks};

/// Maximum number of deployments of one endpoint (Azure docs: how-to-manage-quotas).
pub const DEPLOYMENTS_MAX: usize = 20;

/// How clients of an endpoint authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    Key,
    /// A token from the workspace.
    AmlToken,
    /// An Entra token.
    AadToken,
}

/// An observed deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    pub name: DeploymentName,
    pub state: ProvisioningState,
    /// The phase of the creation, if in progress and observed.
    pub phase: Option<Phase>,
    /// The machine size in Azure's spelling.
    pub instance_type: Option<String>,
    /// The requested number of instances.
    pub instance_count: Option<u32>,
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    /// The environment in short (`ml-azua-litserve-env:1`).
    pub environment: Option<String>,
    /// The team's description.
    pub description: Option<String>,
    /// The time after which Azure answers a request with 408, in milliseconds.
    pub request_timeout_ms: Option<u32>,
    /// The maximum number of concurrent requests per instance.
    pub max_concurrent_requests: Option<u32>,
    pub created: Option<Timestamp>,
    /// Why provisioning failed, if Azure reported a reason.
    pub failure: Option<Failure>,
    /// A hash of the settings that affect answers, if read.
    pub settings: Option<String>,
    /// Keyed hashes of secret values, if read.
    pub secrets: Option<SecretMarks>,
}

impl Deployment {
    /// Why the deployment must not get more traffic; `None` if it may.
    #[must_use]
    pub fn closed(&self) -> Option<String> {
        match self.state {
            ProvisioningState::Succeeded => None,
            ProvisioningState::Failed | ProvisioningState::Canceled => Some(format!(
                "its provisioning state is {}. Read its log, delete it and create it again",
                self.state
            )),
            state => {
                Some(format!("its provisioning state is {state}. Wait until it has Succeeded"))
            }
        }
    }
}

/// The severity of an endpoint's problems, in increasing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nothing failed.
    None,
    /// A deployment without traffic failed.
    Idle,
    /// The endpoint failed, its route cannot be read, or a deployment with traffic failed.
    Serving,
}

/// An observed endpoint with its deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub key: EndpointKey,
    pub state: ProvisioningState,
    pub route: Route,
    /// A sentence that says why Azure's response is not a legal route. The route is then empty, and the console
    /// rejects changes.
    pub route_problem: Option<String>,
    /// How clients authenticate.
    pub auth: AuthMode,
    /// The URI for requests; `None` until Azure has created it.
    pub scoring_uri: Option<String>,
    /// The team's description.
    pub description: Option<String>,
    /// Whether the endpoint runs on Kubernetes, where Azure does not mirror.
    pub kubernetes: bool,
    pub deployments: Vec<Deployment>,
}

impl Endpoint {
    /// Finds a deployment by name.
    #[must_use]
    pub fn deployment(&self, name: &DeploymentName) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.name == *name)
    }

    /// The names of the deployments, in order.
    #[must_use]
    pub fn names(&self) -> Vec<DeploymentName> {
        self.deployments.iter().map(|deployment| deployment.name.clone()).collect()
    }

    /// The role of a deployment on this endpoint.
    #[must_use]
    pub fn part(&self, name: &DeploymentName) -> Part {
        self.route.part(name)
    }

    /// The most severe problem that Azure reports.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let failed =
            |state| matches!(state, ProvisioningState::Failed | ProvisioningState::Canceled);
        let of = |deployment: &Deployment| match self.part(&deployment.name) {
            _ if !failed(deployment.state) => Trouble::None,
            Part::Idle => Trouble::Idle,
            Part::Live(_) | Part::Shadow(_) => Trouble::Serving,
        };
        match failed(self.state) || self.route_problem.is_some() {
            true => Trouble::Serving,
            false => self.deployments.iter().map(of).max().unwrap_or(Trouble::None),
        }
    }

    /// A draft for editing the route.
    #[must_use]
    pub fn draft(&self) -> RouteDraft {
        let seat = |deployment: &Deployment| Seat {
            deployment: deployment.name.clone(),
            closed: deployment.closed(),
        };
        RouteDraft::new(self.deployments.iter().map(seat).collect(), self.route.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::fixtures;

    #[test]
    fn a_failed_deployment_with_traffic_is_worse_than_an_idle_one() {
        let of = |words: &str, at: &str| fixtures::endpoint(words, at).trouble();
        assert_eq!(of("blue green", "blue=100"), Trouble::None);
        assert_eq!(of("blue green!Updating", "blue=100"), Trouble::None);
        assert_eq!(of("blue green!Failed", "blue=100"), Trouble::Idle);
        assert_eq!(of("blue green!Canceled", "blue=100;mirror=green:5"), Trouble::Serving);
        assert_eq!(of("blue!Failed green", "blue=100"), Trouble::Serving);
        let on = fixtures::endpoint("blue", "blue=100");
        let odd = Endpoint { route_problem: Some("Two mirrors.".to_owned()), ..on.clone() };
        assert_eq!(odd.trouble(), Trouble::Serving);
        assert_eq!(Endpoint { state: ProvisioningState::Failed, ..on }.trouble(), Trouble::Serving);
        assert!(Trouble::None < Trouble::Idle && Trouble::Idle < Trouble::Serving);
    }
}
