//! What the emulator remembers: plain data that one JSON file holds. It has no behaviour and no
//! locks; [`crate::store`] owns those. Map keys are lower-cased names, for ARM ignores case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// Everything.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Workspaces by name.
    pub workspaces: BTreeMap<String, WorkspaceState>,
    /// Long-running operations by id, finished ones included.
    pub operations: BTreeMap<String, Operation>,
    /// Azure Monitor's resources (diagnostic settings, alert rules, action groups) as they are
    /// answered, by their ids in lower case.
    #[serde(default)]
    pub monitoring: BTreeMap<String, Value>,
}

/// One Azure ML workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkspaceState {
    /// As configured.
    pub name: String,
    /// The region.
    pub location: String,
    /// `properties.workspaceId`, part of every operation id.
    pub guid: String,
    /// When it was first seen.
    pub created_at: String,
    /// Online endpoints.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// `environments`, `models`, `codes`, `data`: containers by kind, then by name.
    pub assets: BTreeMap<String, BTreeMap<String, Container>>,
}

/// A named asset with its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Container {
    /// As first written.
    pub name: String,
    /// `properties` that a PUT on the container itself set.
    pub properties: Object,
    /// When it was made.
    pub created_at: String,
    /// In the order of their making.
    pub versions: Vec<Asset>,
}

/// One version of an asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asset {
    /// The version's name.
    pub version: String,
    /// `properties` as accepted.
    pub properties: Object,
    /// When it was made.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// When it was last written.
    pub modified_at: String,
}

/// `properties.provisioningState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Provisioning {
    /// Being made.
    Creating,
    /// Being changed; also a deployment that is being made (azure-wire.md §4).
    Updating,
    /// Being scaled.
    Scaling,
    /// Going away.
    Deleting,
    /// At rest.
    Succeeded,
    /// Broken.
    Failed,
}

impl Provisioning {
    /// The wire's word.
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

/// How callers of the scoring URI prove themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthMode {
    /// One of two fixed keys.
    Key,
    /// A token from `…/token`.
    AMLToken,
    /// A token of Entra ID.
    AADToken,
}

/// Who made a thing and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamp {
    /// `systemData.createdAt`.
    pub created_at: String,
    /// `systemData.createdBy`.
    pub created_by: String,
    /// `systemData.lastModifiedAt`.
    pub modified_at: String,
}

/// The writable part of an endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointSpec {
    /// Tags; values keep their JSON type.
    pub tags: Object,
    /// `identity` as sent, canonical type.
    pub identity: Object,
    /// Free text.
    pub description: Value,
    /// Key, AMLToken or AADToken.
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

/// One online endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    /// As first written.
    pub name: String,
    /// What a PUT sets.
    pub spec: EndpointSpec,
    /// The primary key.
    pub primary_key: String,
    /// The secondary key.
    pub secondary_key: String,
    /// The system-assigned identity.
    pub principal_id: String,
    /// Where it stands.
    pub provisioning: Provisioning,
    /// Whether it ever succeeded, hence has a scoring URI.
    pub is_reachable: bool,
    /// Its latest operation.
    pub operation: String,
    /// Who and when.
    pub stamp: Stamp,
    /// Its deployments.
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

/// One deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// As first written.
    pub name: String,
    /// What a PUT sets.
    pub spec: DeploymentSpec,
    /// Where it stands.
    pub provisioning: Provisioning,
    /// Whether it ever succeeded; one that never did can only be deleted.
    pub has_succeeded: bool,
    /// Its latest operation.
    pub operation: String,
    /// Who and when.
    pub stamp: Stamp,
}

/// What an operation is to bring about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Work {
    /// Make the endpoint that the state already shows as Creating.
    CreateEndpoint,
    /// Replace an endpoint's writable part.
    UpdateEndpoint {
        /// What it becomes.
        next: Box<EndpointSpec>,
    },
    /// Set one key.
    RegenerateKey {
        /// Primary or secondary.
        is_primary: bool,
        /// The new value.
        value: String,
    },
    /// Remove an endpoint with its deployments.
    DeleteEndpoint,
    /// Make the deployment that the state already shows as Updating.
    CreateDeployment,
    /// Replace a deployment's writable part.
    UpdateDeployment {
        /// What it becomes.
        next: Box<DeploymentSpec>,
    },
    /// Remove a deployment.
    DeleteDeployment,
}

/// How an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// In flight; the wire says `Updating`, even for a delete.
    Updating,
    /// Done.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Given up because its resource was deleted.
    Canceled,
}

/// One long-running operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Operation {
    /// `oe:{workspaceId}:{guid}` or `od:…`.
    pub id: String,
    /// Its workspace, lower case.
    pub workspace: String,
    /// Its endpoint, lower case.
    pub endpoint: String,
    /// Its deployment, lower case.
    pub deployment: Option<String>,
    /// What it does.
    pub work: Work,
    /// How it stands.
    pub progress: Progress,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Why it failed: the inside of ARM's `error`.
    pub error: Option<Value>,
}
