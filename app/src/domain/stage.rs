//! Stages: the places that one can deploy to.

use super::name::{EndpointName, StageName};
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One place to deploy to: hence one subscription, resource group and workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The team's name of it (`anet-prod`).
    pub name: StageName,
    /// The Azure subscription's id.
    pub subscription: String,
    /// The resource group that holds the workspace.
    pub resource_group: String,
    /// The Azure ML workspace.
    pub workspace: String,
    /// Whether changes here need an approval.
    pub protected: bool,
}

/// A stage that takes no changes until somebody thaws it; going back to the last good route is possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Who froze it, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// An endpoint's address in the product: its stage and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EndpointKey {
    /// The stage.
    pub stage: StageName,
    /// The endpoint.
    pub endpoint: EndpointName,
}

/// How current what we show of a stage is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Not read yet since the console started.
    #[default]
    Waiting,
    /// The last read succeeded.
    Fresh {
        /// When.
        at: Timestamp,
    },
    /// The last read failed; what is shown is older.
    Stale {
        /// When reading last succeeded, if ever.
        since: Option<Timestamp>,
        /// What went wrong and what the console does about it, in a sentence.
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
