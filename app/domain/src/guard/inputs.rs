//! The facts that guards use besides the endpoint. `None` means unknown, unless a field says otherwise.

use crate::asset::Looked;
use crate::evidence::fact::Evidence;
use crate::name::DeploymentName;
use crate::policy::promotion::Promotion;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The free quota for one machine size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub instance_type: String,
    /// Azure's name of the family of machine sizes that share one quota.
    pub family: String,
    /// Cores of one machine.
    pub cores: u32,
    /// Free cores of the family in the region.
    pub free_cores: u32,
}

/// The newest image of the environment that is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    /// The environment has no image.
    Missing,
    Built {
        at: Timestamp,
        /// The time of the release's commit.
        commit_at: Timestamp,
    },
    /// The image names the commit that it was built from, as builds of this console do. Both are full hashes.
    BuiltFrom {
        from: String,
        /// The release's commit.
        commit: String,
    },
}

impl Image {
    /// Whether the image is known to be built from the release's commit.
    #[must_use]
    pub fn is_of_the_commit(&self) -> bool {
        matches!(self, Self::BuiltFrom { from, commit } if from.eq_ignore_ascii_case(commit))
    }
}

/// The bandwidth of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bandwidth {
    /// The bandwidth of live requests and answers in the busiest minute, without mirrored copies.
    pub live_bytes_per_s: u64,
    /// Azure's limit for the endpoint.
    pub limit_bytes_per_s: u64,
}

/// Whether a stage allows changes now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    Open,
    /// A person froze the stage.
    Frozen {
        by: String,
        reason: String,
    },
    /// No window for changes is open.
    Outside {
        /// When the next window opens: `on Monday at 09:00`.
        opens: String,
    },
}

/// A run of the console that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// The title of the run.
    pub what: String,
    pub by: String,
}

/// A machine size of the region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub name: String,
    /// Whether Azure lists the size for managed online endpoints.
    pub serves: bool,
}

/// All facts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GuardInputs {
    /// Whether the configuration protects the stage.
    pub protected: bool,
    /// The free quota of the region's machine sizes.
    pub quota: Option<Vec<Quota>>,
    pub image: Option<Image>,
    /// The [minute p99](crate::traffic::minute_p99_ms) of live requests over the minutes that the charts show, in
    /// milliseconds; `None` if not measured.
    pub minute_p99_ms: Option<u32>,
    pub bandwidth: Option<Bandwidth>,
    pub gate: Option<Gate>,
    /// The console's runs in flight on the endpoint.
    pub in_flight: Option<Vec<InFlight>>,
    /// The result of looking up each asset that a deployment refers to.
    pub assets: Option<Vec<Looked>>,
    /// The machine sizes of the region; empty if they could not be read, `None` if the change needs none.
    pub sizes: Option<Vec<Size>>,
    /// The evidence that the policy requires, for each existing deployment; `None` if the policy requires none.
    pub evidence: Option<Vec<Evidence>>,
    /// The environment that the release builds: the build's `ml_env_name`. `None` without a release.
    pub release_environment: Option<String>,
    /// Fields in which release and Azure differ and which the plan does not change. `None` without a release.
    pub release_drift: Option<Vec<String>>,
    /// A live deployment to which the release would mirror; `None` if there is no such deployment.
    pub mirror_to_live: Option<DeploymentName>,
    /// What the plan does not do because the release describes it only partly; `None` if nothing.
    pub left_undone: Option<String>,
    /// The keys of the release's unanswered inputs.
    pub unanswered: Vec<String>,
    /// How the stage's policy promotes a deployment that gets more live traffic; `None` means in one step.
    pub promotion: Option<Promotion>,
    /// Missing destinations of logs and alerts: `the action group ag-x`.
    pub nowhere: Option<Vec<String>>,
    /// What the team's workflow would do and the console does not: `build the image`.
    pub left_to_workflow: Vec<String>,
}
