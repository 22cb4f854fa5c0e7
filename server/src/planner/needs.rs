//! The facts to read before making a plan.

use domain::asset::Asset;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The image that a release deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    pub name: String,
    /// The time of the release's commit, if known.
    pub commit_at: Option<Timestamp>,
    /// The release's commit, if known.
    #[serde(default)]
    pub commit: Option<String>,
}

/// The facts that a plan's guards need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Set when the plan may create something.
    pub quota: bool,
    /// The latency of live requests. Set when the plan may write a deployment.
    pub latency: bool,
    /// Set when the plan may set a mirror.
    pub bandwidth: bool,
    pub image: Option<Built>,
    /// The region's machine sizes. Set when the plan may write a deployment.
    pub sizes: bool,
    /// The assets that deployments refer to.
    pub assets: Vec<Asset>,
}
