//! What the console asked Azure to do, and how that is going.

use super::name::DeploymentName;
use super::route::Route;
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Identifies one operation of the console.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OperationId(pub String);

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Split and mirror are being set, in one PUT.
    SetRoute {
        /// What it was.
        before: Route,
        /// What it becomes.
        after: Route,
    },
    /// A deployment is being created, without live traffic.
    CreateDeployment {
        /// Which.
        deployment: DeploymentName,
    },
    /// A deployment is being deleted.
    DeleteDeployment {
        /// Which.
        deployment: DeploymentName,
    },
}

impl Action {
    /// `Route: anet-eedi 90 %, green 10 %`, for lists and announcements.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::SetRoute { after, .. } => format!("Set the route to {after}"),
            Self::CreateDeployment { deployment } => format!("Create deployment {deployment}"),
            Self::DeleteDeployment { deployment } => format!("Delete deployment {deployment}"),
        }
    }
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Written down, not yet sent to Azure.
    Intended,
    /// Azure accepted it and is at work.
    Running {
        /// Something that stands in the way of knowing more, such as Azure not answering.
        trouble: Option<String>,
    },
    /// Azure finished it, and what we read back is what was asked for.
    Succeeded,
    /// It did not happen, or not as asked.
    Failed {
        /// What happened, which rule, what to do.
        message: String,
    },
}

/// One operation as the screens show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The endpoint it concerns.
    pub endpoint: EndpointKey,
    /// What is being done.
    pub action: Action,
    /// Who asked, by name.
    pub by: String,
    /// When it was asked.
    pub started: Timestamp,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
    /// How it stands.
    pub progress: Progress,
}

impl Operation {
    /// Whether Azure is still at work on it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Intended | Progress::Running { .. })
    }
}
