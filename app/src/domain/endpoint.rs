//! Endpoints and their deployments, as observed.

mod made_of;

use super::diagnosis::Failure;
use super::name::DeploymentName;
use super::provisioning::{Phase, ProvisioningState};
use super::route::{Part, Route};
use super::route_draft::{Draft, Seat};
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

pub use made_of::{MadeOf, SecretMarks};

/// Most deployments of one endpoint (Azure: how-to-manage-quotas).
pub const DEPLOYMENTS_MAX: usize = 20;

/// How clients of an endpoint prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// A key.
    Key,
    /// A token from the workspace.
    AmlToken,
    /// An Entra token.
    AadToken,
}

/// One deployment, as observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its name.
    pub name: DeploymentName,
    /// How far Azure is with it.
    pub state: ProvisioningState,
    /// While it is being made: the phase, when it could be observed.
    pub phase: Option<Phase>,
    /// The machine size, as Azure names it.
    pub instance_type: Option<String>,
    /// How many instances were asked for.
    pub instance_count: Option<u32>,
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    /// The environment in short (`ml-azua-litserve-env:1`).
    pub environment: Option<String>,
    /// The team's words about it.
    pub description: Option<String>,
    /// How long a request may take before it is answered 408, in milliseconds.
    pub request_timeout_ms: Option<u32>,
    /// How many requests one instance takes at once.
    pub max_concurrent_requests: Option<u32>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Why it failed, when it did and Azure said so.
    pub failure: Option<Failure>,
    /// A hash of the settings on which its answers depend, when they were read.
    pub settings: Option<String>,
    /// Marks of its secret variables' values, by name, when they were read.
    pub secrets: Option<SecretMarks>,
}

impl Deployment {
    /// Why it must not get more traffic; `None` when it may.
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

/// How much an endpoint needs somebody to look at it, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Nothing failed.
    None,
    /// A deployment failed that gets no traffic.
    Idle,
    /// The endpoint failed, its route cannot be read, or a deployment failed that gets traffic.
    Serving,
}

/// One endpoint with its deployments, as observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Where it is.
    pub key: EndpointKey,
    /// How far Azure is with it.
    pub state: ProvisioningState,
    /// Its route.
    pub route: Route,
    /// What of Azure's answer is not a legal route, in a sentence; the route is then shown empty and
    /// nothing can be changed from here.
    pub route_problem: Option<String>,
    /// How clients prove who they are.
    pub auth: AuthMode,
    /// Where clients send requests; missing until Azure has made it.
    pub scoring_uri: Option<String>,
    /// The team's words about it.
    pub description: Option<String>,
    /// Whether it runs on Kubernetes, where Azure does not mirror.
    pub kubernetes: bool,
    /// Its deployments, by name.
    pub deployments: Vec<Deployment>,
}

impl Endpoint {
    /// Finds a deployment.
    #[must_use]
    pub fn deployment(&self, name: &DeploymentName) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.name == *name)
    }

    /// The names of its deployments, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<DeploymentName> {
        self.deployments.iter().map(|deployment| deployment.name.clone()).collect()
    }

    /// What a deployment does here.
    #[must_use]
    pub fn part(&self, name: &DeploymentName) -> Part {
        self.route.part(name)
    }

    /// What is wrong with it, as far as Azure reports it.
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

    /// Starts editing its route.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let seat = |deployment: &Deployment| Seat {
            deployment: deployment.name.clone(),
            closed: deployment.closed(),
        };
        Draft::new(self.deployments.iter().map(seat).collect(), self.route.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guard::trial;

    #[test]
    fn what_serves_and_failed_is_worse_than_what_is_idle_and_failed() {
        let of = |words: &str, at: &str| trial::endpoint(words, at).trouble();
        assert_eq!(of("blue green", "blue=100"), Trouble::None);
        assert_eq!(of("blue green!Updating", "blue=100"), Trouble::None);
        assert_eq!(of("blue green!Failed", "blue=100"), Trouble::Idle);
        assert_eq!(of("blue green!Canceled", "blue=100;mirror=green:5"), Trouble::Serving);
        assert_eq!(of("blue!Failed green", "blue=100"), Trouble::Serving);
        let on = trial::endpoint("blue", "blue=100");
        let odd = Endpoint { route_problem: Some("Two mirrors.".to_owned()), ..on.clone() };
        assert_eq!(odd.trouble(), Trouble::Serving);
        assert_eq!(Endpoint { state: ProvisioningState::Failed, ..on }.trouble(), Trouble::Serving);
        assert!(Trouble::None < Trouble::Idle && Trouble::Idle < Trouble::Serving);
    }
}
