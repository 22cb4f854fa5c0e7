//! Endpoints and their deployments, as observed.

use super::diagnosis::Failure;
use super::name::DeploymentName;
use super::provisioning::{Phase, ProvisioningState};
use super::route::{Part, Route};
use super::route_draft::{Draft, Seat};
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

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

/// Marks of secret values by the names of their variables. A mark tells a value from another one, and nothing else of
/// it: it is made with a key of the console.
pub type SecretMarks = BTreeMap<String, String>;

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

/// What a deployment is: one of the same name that is made of something else, set otherwise or made anew is
/// another one. What is approved of the one, and what was measured of it, says nothing of the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeOf {
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    /// The environment in short.
    pub environment: Option<String>,
    /// The machine size.
    pub instance_type: Option<String>,
    /// When Azure created it.
    pub created: Option<Timestamp>,
    /// A hash of the settings on which its answers depend: its variables, its code, its limits. A secret counts by its
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// Marks of its secret variables' values; `None` where an earlier version did not record them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<SecretMarks>,
}

impl From<&Deployment> for MadeOf {
    fn from(deployment: &Deployment) -> Self {
        let Deployment { model, environment, instance_type, created, settings, secrets, .. } =
            deployment.clone();
        Self { model, environment, instance_type, created, settings, secrets }
    }
}

impl fmt::Display for MadeOf {
    /// `nbq:2, env:1, Standard_DS3_v2`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.model, &self.environment, &self.instance_type];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        f.pad(&parts.join(", "))
    }
}

impl MadeOf {
    /// Whether enough of it was read to tell it from another one.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.created.is_some() && self.settings.is_some()
    }

    /// Whether it is the same, as far as both were recorded.
    #[must_use]
    pub fn is(&self, now: &Self) -> bool {
        self.differing(now).is_empty()
    }

    /// The secret variables whose values are others now. Where an earlier version recorded none, that is not known.
    #[must_use]
    pub fn other_secrets(&self, now: &Self) -> Vec<String> {
        let (Some(was), Some(is)) = (&self.secrets, &now.secrets) else { return Vec::new() };
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        names.into_iter().filter(|name| was.get(*name) != is.get(*name)).cloned().collect()
    }

    /// The fields in which a deployment became another one, by name; the values are not shown.
    #[must_use]
    pub fn differing(&self, now: &Self) -> Vec<&'static str> {
        let fields = [
            ("model", self.model == now.model),
            ("environment", self.environment == now.environment),
            ("machine size", self.instance_type == now.instance_type),
            ("settings (variables, code, limits)", self.settings == now.settings),
            ("value of a secret variable", self.other_secrets(now).is_empty()),
            ("time of creation", self.created == now.created),
        ];
        fields.into_iter().filter_map(|(field, is_same)| (!is_same).then_some(field)).collect()
    }

    /// How a deployment became another one, in a sentence; `None` when it is the same.
    #[must_use]
    pub fn changed(&self, name: &DeploymentName, now: &Self) -> Option<String> {
        let (was, is) = (self.to_string(), now.to_string());
        if self.is(now) {
            None
        } else if was != is {
            Some(format!("{name} is another deployment: it was {was}, it is now {is}."))
        } else if self.created != now.created {
            Some(format!("{name} was made anew."))
        } else if self.settings == now.settings {
            let secrets = self.other_secrets(now).join(", ");
            Some(format!(
                "{name} is set otherwise: value changed of the secret variable {secrets}."
            ))
        } else {
            Some(format!("{name} is set otherwise: its variables, its code or its limits changed."))
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
    fn another_value_of_a_secret_is_told_without_it() {
        let of = |marks: Option<&[(&str, &str)]>| MadeOf {
            settings: Some("s".to_owned()),
            secrets: marks.map(|marks| {
                let owned = |(name, mark): &(&str, &str)| ((*name).to_owned(), (*mark).to_owned());
                marks.iter().map(owned).collect()
            }),
            ..MadeOf::default()
        };
        let name = trial::name("green");
        let one = of(Some(&[("API_KEY", "a1"), ("PIN", "b1")]));
        assert_eq!(one.changed(&name, &one.clone()), None);
        let other = of(Some(&[("API_KEY", "a2"), ("PIN", "b1")]));
        assert!(!one.is(&other));
        assert_eq!(one.differing(&other), ["value of a secret variable"]);
        assert_eq!(
            one.changed(&name, &other).as_deref(),
            Some("green is set otherwise: value changed of the secret variable API_KEY.")
        );
        // What an earlier version did not record is no difference.
        assert!(of(None).is(&other) && other.is(&of(None)));
        assert_eq!(of(None).changed(&name, &other), None);
    }

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
