//! What a plan is made from: a stage as observed.

use super::latest::Newest;
use crate::observe::bodies::Bodies;
use crate::observe::facts::Found;
use crate::secrets::Marks;
use app::domain::endpoint::Endpoint;
use app::domain::name::{DeploymentName, EndpointName};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that may be there, as far as anybody looked.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Presence {
    /// Nobody looked.
    #[default]
    Unknown,
    /// It is not there.
    Absent,
    /// It is there, with this body.
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
    /// What it means.
    pub endpoint: Arc<Endpoint>,
    /// Azure's body of it; `None` when only its meaning was kept.
    pub body: Option<Arc<Value>>,
    /// Azure's bodies of its deployments, as far as they were kept.
    pub deployments: BTreeMap<DeploymentName, Arc<Value>>,
}

/// What watches an endpoint. It may outlive it, and be there before it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    /// Its diagnostic settings.
    pub diagnostics: Presence,
    /// Its alert rule.
    pub alert: Presence,
}

impl Live {
    /// From what the observer keeps, with Azure's bodies.
    #[must_use]
    pub fn with(endpoint: Arc<Endpoint>, bodies: &Bodies) -> Self {
        let deployments = bodies.deployments.iter();
        Self {
            body: Some(Arc::new(bodies.endpoint.value())),
            deployments: deployments.map(|(n, body)| (n.clone(), Arc::new(body.value()))).collect(),
            ..Self::of(endpoint)
        }
    }

    /// From what the observer keeps, without bodies.
    #[must_use]
    pub fn of(endpoint: Arc<Endpoint>) -> Self {
        Self { endpoint, body: None, deployments: BTreeMap::new() }
    }
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observed {
    /// Where its endpoints are, such as `westeurope`; all share the workspace's region.
    pub location: Option<String>,
    /// The ARM id of the Log Analytics workspace, when it was looked up.
    pub log_analytics: Option<String>,
    /// The ARM id of the action group that alerts go to, when it was looked up.
    pub action_group: Option<String>,
    /// The storage account that request logs go to, when the infra configuration was read.
    pub storage_account: Option<String>,
    /// Its endpoints.
    pub endpoints: BTreeMap<EndpointName, Live>,
    /// What watches them, those that are not there yet included, as far as it was looked up.
    pub watched: BTreeMap<EndpointName, Watch>,
    /// The newest versions of the assets that are named by a label.
    pub newest: Newest,
    /// What distinguishes secret values in a plan's hash.
    pub marks: Marks,
}

impl Observed {
    /// Nothing but one endpoint.
    #[must_use]
    pub fn of(live: Live) -> Self {
        let name = live.endpoint.key.endpoint.clone();
        Self { endpoints: BTreeMap::from([(name, live)]), ..Self::default() }
    }

    /// The same, with the marks of the console: plans that are to be carried out are hashed with them.
    #[must_use]
    pub fn marking(self, marks: &Marks) -> Self {
        Self { marks: marks.clone(), ..self }
    }
}
