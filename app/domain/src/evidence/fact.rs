//! The state of required evidence, for guards.

use crate::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// The state of one piece of required evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceState {
    /// Captured, good and recent.
    Good,
    /// Never captured.
    Missing,
    /// A finding does not hold.
    Failed,
    /// Older than the policy allows.
    Stale,
    /// About an earlier deployment of this name, or compared with deployments that are no longer the live ones.
    Superseded,
}

/// One piece of evidence that the stage's policy requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Kind and deployment: `shadow comparison of anet-green`.
    pub what: String,
    pub deployment: DeploymentName,
    pub state: EvidenceState,
}
