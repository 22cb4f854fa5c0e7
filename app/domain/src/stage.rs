//! Stages: the targets for deployments.

use super::name::{EndpointName, StageName};
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// A target for deployments: one subscription, resource group and workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The team's name for the stage (`anet-prod`).
    pub name: StageName,
    pub subscription: String,
    pub resource_group: String,
    pub workspace: String,
    /// Whether changes require an approval.
    pub protected: bool,
}

/// The freeze of a stage, which blocks changes until somebody unfreezes it. Roll-backs remain possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The name of the person who froze the stage.
    pub by: String,
    pub at: Timestamp,
    pub reason: String,
}

/// Identifies an endpoint by stage and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EndpointKey {
    pub stage: StageName,
    pub endpoint: EndpointName,
}

/// How current the observed state of a stage is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Not read yet since the console started.
    #[default]
    Waiting,
    /// The last read succeeded.
    Fresh { at: Timestamp },
    /// The last read failed; the observed state is older.
    Stale {
        /// The time of the last successful read, if any.
        since: Option<Timestamp>,
        /// A sentence that says what went wrong and what the console does about it.
        reason: String,
    },
}

impl Freshness {
    /// Whether the last read succeeded.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh { .. })
    }
}
