//! What guards may know besides the endpoint. `None` means "not known": the guard then says so.

use crate::domain::asset::Looked;
use crate::domain::name::DeploymentName;
use crate::domain::policy::promotion::Promotion;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Free quota for one machine size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The machine size.
    pub instance_type: String,
    /// The machines that share its quota, as Azure names their family.
    pub family: String,
    /// Cores of one such machine.
    pub cores: u32,
    /// Cores of its family that are still free in the region.
    pub free_cores: u32,
}

/// The newest image of the environment that is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    /// There is none.
    Missing,
    /// It was built.
    Built {
        /// When it was registered.
        at: Timestamp,
        /// When the commit that the release stands at was made.
        commit_at: Timestamp,
    },
}

/// The endpoint's bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bandwidth {
    /// Live requests and answers, in bytes per second, without mirrored copies.
    pub live_bytes_per_s: u64,
    /// What the endpoint may use, in bytes per second.
    pub limit_bytes_per_s: u64,
}

/// Why a stage takes no changes now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Its rules allow changes now.
    Open,
    /// Someone stopped all changes.
    Frozen {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// It is outside the hours in which changes are made.
    Outside {
        /// When the next window opens, in words.
        opens: String,
    },
}

/// A run of this console that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// What it does, in a few words.
    pub what: String,
    /// Who asked for it.
    pub by: String,
}

/// A machine size of the region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Its name.
    pub name: String,
    /// Whether Azure lists it for managed online endpoints.
    pub serves: bool,
}

/// How one piece of required evidence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceState {
    /// Captured, good and recent.
    Good,
    /// Never captured.
    Missing,
    /// Captured, and it says no.
    Failed,
    /// Older than the policy allows.
    Stale,
    /// About another deployment of that name, or compared with others than are live now.
    Superseded,
}

/// One piece of evidence that the stage's policy requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What, for people: `shadow comparison of anet-green`.
    pub what: String,
    /// Of which deployment.
    pub deployment: DeploymentName,
    /// How it stands.
    pub state: EvidenceState,
}

/// How the alert rule's query compares response codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertQuery {
    /// The plan sets a rule that compares numbers.
    AsNumbers,
    /// The rule that is there is the templates', which compares with a text, and is left as it is.
    OfTemplates,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Whether changes to the stage need an approval.
    pub protected: bool,
    /// Free quota of the machine sizes that are asked for; `None` when it was not read.
    pub quota: Option<Vec<Quota>>,
    /// The image; `None` when it was not read.
    pub image: Option<Image>,
    /// The slowest of a hundred live requests, in milliseconds, as observed.
    pub p99_ms: Option<u32>,
    /// Bandwidth, as observed.
    pub bandwidth: Option<Bandwidth>,
    /// Whether the stage takes changes now; `None` when nobody looked.
    pub gate: Option<Gate>,
    /// The runs of this console that are in flight on the endpoint; `None` when nobody looked.
    pub in_flight: Option<Vec<InFlight>>,
    /// What Azure says of each asset that is referred to; `None` when nobody looked.
    pub assets: Option<Vec<Looked>>,
    /// The machine sizes of the region; `None` when they were not read.
    pub sizes: Option<Vec<Size>>,
    /// The evidence that the policy requires, for each deployment that there is; `None` when it requires none.
    pub evidence: Option<Vec<Evidence>>,
    /// The build's `ml_env_name` that the release says its image comes from.
    pub release_environment: Option<String>,
    /// Fields in which release and Azure disagree and which the plan leaves alone.
    pub release_drift: Option<Vec<String>>,
    /// A live deployment that the release would mirror to.
    pub mirror_to_live: Option<DeploymentName>,
    /// Something that the release half asks for and that is not done, in words.
    pub left_undone: Option<String>,
    /// Inputs of the release that nobody has answered, by key.
    pub unanswered: Vec<String>,
    /// How the stage's policy has live traffic move to a deployment that gets more of it; in one step when it
    /// does not say.
    pub promotion: Option<Promotion>,
    /// What logs or alerts are to go to and is not there, in words; `None` when nobody looked.
    pub nowhere: Option<Vec<String>>,
    /// How the alert rule's query compares; `None` when the plan is not about it.
    pub alert_query: Option<AlertQuery>,
    /// What the team's workflow would do as well and the console does not, in words.
    pub left_to_workflow: Vec<String>,
}
