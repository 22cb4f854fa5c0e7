//! The emulator's state: plain data in one JSON file, without behaviour or locks, which [`crate::store`]
//! has. Map keys are lower-cased names, because ARM ignores case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::builds::kept::RegistryState;

pub type Object = Map<String, Value>;

/// The keys of a workspace, of an endpoint in it, and of a deployment if it is about one.
pub type At<'a> = (&'a str, &'a str, Option<&'a str>);

/// Everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    pub workspaces: BTreeMap<String, WorkspaceState>,
    /// Long-running operations by id, including finished ones.
    pub operations: BTreeMap<String, Operation>,
    /// Azure Monitor's resources (diagnostic settings, alert rules, action groups) as a GET returns them,
    /// by their ids in lower case.
    #[serde(default)]
    pub monitoring: BTreeMap<String, Value>,
    /// Key vaults, by name in lower case.
    #[serde(default)]
    pub vaults: BTreeMap<String, crate::vaults::kept::Vault>,
    /// Load testing resources, by name in lower case.
    #[serde(default)]
    pub load_testing: BTreeMap<String, crate::loads::kept::Resource>,
    /// The end of the demo's recorded day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_until: Option<String>,
    /// Alerts of the last 30 days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
    /// The container registry of all workspaces.
    #[serde(default)]
    pub registry: RegistryState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkspaceState {
    pub name: String,
    pub location: String,
    /// `properties.workspaceId`, part of every operation id.
    pub guid: String,
    /// When it was first created.
    pub created_at: String,
    pub endpoints: BTreeMap<String, Endpoint>,
    /// `environments`, `models`, `codes`, `data`: containers by kind, then by name.
    pub assets: BTreeMap<String, BTreeMap<String, Container>>,
}

/// A named asset with its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Container {
    pub name: String,
    /// `properties` that a PUT on the container itself set.
    pub properties: Object,
    pub created_at: String,
    /// In the order of their creation.
    pub versions: Vec<Asset>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asset {
    pub version: String,
    /// `properties` as accepted.
    pub properties: Object,
    pub created_at: String,
    pub created_by: String,
    pub modified_at: String,
}

/// `properties.provisioningState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Provisioning {
    Creating,
    /// Also a deployment that is being created.
    Updating,
    Scaling,
    Deleting,
    Succeeded,
    Failed,
}

impl Provisioning {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Scaling => "Scaling",
            Self::Deleting => "Deleting",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }

    /// Whether an operation is in flight.
    pub fn is_moving(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Failed)
    }
}

/// How callers of the scoring URI authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthMode {
    /// With one of two keys.
    Key,
    /// With a token from `…/token`.
    AMLToken,
    /// With a token of Entra ID.
    AADToken,
}

/// Who created and changed a resource, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamp {
    pub created_at: String,
    pub created_by: String,
    pub modified_at: String,
}

/// The writable part of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointSpec {
    /// Tags; values keep their JSON type.
    pub tags: Object,
    /// `identity` as sent, with the canonical type.
    pub identity: Object,
    pub description: Value,
    pub auth_mode: AuthMode,
    /// `properties.properties` without the service's own keys.
    pub bag: Object,
    /// Live percentages by deployment.
    pub traffic: BTreeMap<String, i64>,
    /// Mirror percentages by deployment.
    pub mirror: BTreeMap<String, i64>,
    /// `Enabled` or `Disabled`.
    pub public_network_access: String,
    /// The compute's ARM id, only on Kubernetes.
    pub compute: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    pub name: String,
    pub spec: EndpointSpec,
    pub primary_key: String,
    pub secondary_key: String,
    pub principal_id: String,
    pub provisioning: Provisioning,
    /// Whether it ever succeeded, and therefore has a scoring URI.
    pub is_reachable: bool,
    pub operation: String,
    pub stamp: Stamp,
    pub deployments: BTreeMap<String, Deployment>,
}

/// The writable part of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentSpec {
    /// Tags; values keep their JSON type.
    pub tags: Object,
    /// `sku.capacity`.
    pub capacity: i64,
    /// `properties` as accepted, without the service's own keys.
    pub properties: Object,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    pub name: String,
    pub spec: DeploymentSpec,
    pub provisioning: Provisioning,
    /// The digest of the image that its instances run; `None` for the built-in model server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether it ever succeeded; one that never did can only be deleted.
    pub has_succeeded: bool,
    pub operation: String,
    pub stamp: Stamp,
}

/// The purpose of an operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// Create the endpoint that the state already shows as Creating.
    CreateEndpoint,
    /// Replace an endpoint's writable part.
    UpdateEndpoint {
        next: Box<EndpointSpec>,
    },
    RegenerateKey {
        /// Primary or secondary.
        is_primary: bool,
        value: String,
    },
    /// Delete an endpoint with its deployments.
    DeleteEndpoint,
    /// Create the deployment that the state already shows as Updating.
    CreateDeployment,
    /// Replace a deployment's writable part.
    UpdateDeployment {
        next: Box<DeploymentSpec>,
    },
    DeleteDeployment,
}

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// In flight; the wire says `Updating`, even for a delete.
    Updating,
    Succeeded,
    Failed,
    /// Given up because its resource was deleted.
    Canceled,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// `oe:{workspaceId}:{guid}` or `od:…`.
    pub id: String,
    pub workspace: String,
    pub endpoint: String,
    pub deployment: Option<String>,
    pub work: Work,
    pub progress: Progress,
    pub started_at: String,
    pub ended_at: Option<String>,
    /// Why it failed: the content of ARM's `error`.
    pub error: Option<Value>,
}

impl Operation {
    /// What it is about.
    pub fn at(&self) -> At<'_> {
        (&self.workspace, &self.endpoint, self.deployment.as_deref())
    }
}

/// A fired alert.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alert {
    /// A GUID.
    pub id: String,
    /// The rule's name.
    pub name: String,
    /// The rule's ARM id in lower case, and the values of its dimensions.
    pub rule: String,
    pub dimensions: Vec<(String, String)>,
    /// What a GET returns as `properties.essentials`.
    pub essentials: Value,
    /// What a GET returns as `properties.context`.
    pub context: Value,
    pub custom: Value,
    /// The modifications, oldest first.
    pub history: Vec<Value>,
    /// When it was fired, and when it was resolved.
    pub fired_at: String,
    pub resolved_at: Option<String>,
}
