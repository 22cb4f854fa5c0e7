//! The observed state of a stage, from which plans are made.

use super::latest::Newest;
use crate::planner::bodies::Bodies;
use crate::secrets::Marks;
use domain::endpoint::Endpoint;
use domain::name::{DeploymentName, EndpointName};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A resource of Azure Monitor: its body, or `Some(None)` when it does not exist. `None` when it could not be read.
pub type Found = Option<Option<Arc<Value>>>;

/// A resource that may exist.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Presence {
    /// The resource was not read, or could not be read.
    #[default]
    Unknown,
    Absent,
    /// The body of the resource.
    Present(Arc<Value>),
}

impl From<Found> for Presence {
    fn from(found: Found) -> Self {
        match found {
            None => Self::Unknown,
            Some(None) => Self::Absent,
            Some(Some(body)) => Self::Present(body),
        }
    }
}

/// An endpoint with Azure's own bodies.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    pub endpoint: Arc<Endpoint>,
    /// Azure's own body; `None` when the body was not kept.
    pub body: Option<Arc<Value>>,
    /// Azure's own bodies of the deployments, if they were kept.
    pub deployments: BTreeMap<DeploymentName, Arc<Value>>,
}

/// The resources that watch an endpoint. They may exist before and after the endpoint.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    pub diagnostics: Presence,
    pub alert: Presence,
}

impl Live {
    /// From the observer's endpoint, with Azure's own bodies.
    #[must_use]
    pub fn with(endpoint: Arc<Endpoint>, bodies: &Bodies) -> Self {
        let deployments = bodies.deployments.iter();
        Self {
            body: Some(Arc::new(bodies.endpoint.value())),
            deployments: deployments.map(|(n, body)| (n.clone(), Arc::new(body.value()))).collect(),
            ..Self::of(endpoint)
        }
    }

    /// From the observer's endpoint, without bodies.
    #[must_use]
    pub fn of(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoint, body: None, deployments: BTreeMap::new() }
    }
}

/// An observed stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// The workspace's region, such as `westeurope`, which all endpoints share.
    pub location: Option<String>,
    /// The ARM id of the Log Analytics workspace, if known.
    pub log_analytics: Option<String>,
    /// The ARM id of the action group for alerts, if known.
    pub action_group: Option<String>,
    /// The storage account for request logs, if the infra configuration was read.
    pub storage_account: Option<String>,
    pub endpoints: BTreeMap<EndpointName, Live>,
    /// The resources that watch the endpoints, including endpoints that do not exist yet.
    pub watched: BTreeMap<EndpointName, Watch>,
    /// The newest versions of assets that files name by a label.
    pub newest: Newest,
    /// What distinguishes secret values in a plan's hash.
    pub marks: Marks,
}

impl Observed {
    /// Only one endpoint.
    #[must_use]
    pub fn of(live: Live) -> Self {
        let name = live.endpoint.key.endpoint.clone();
        Self { endpoints: BTreeMap::from([(name, live)]), ..Self::default() }
    }

    /// Adds the console's marks, which the hash of an executable plan needs.
    #[must_use]
    pub fn marking(self, marks: &Marks) -> Self {
        Self { marks: marks.clone(), ..self }
    }
}
