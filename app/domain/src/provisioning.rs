//! The provisioning state of endpoints and deployments.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Azure's `provisioningState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningState {
    /// Azure usually reports `Updating` for a new deployment instead.
    Creating,
    Updating,
    /// The number of instances is changing.
    Scaling,
    Deleting,
    Succeeded,
    /// The last operation failed.
    Failed,
    /// The last operation was cancelled.
    Canceled,
    /// A state that the console does not know; treated as busy to be safe.
    Unknown,
}

impl ProvisioningState {
    /// Parses Azure's spelling, ignoring case.
    #[must_use]
    pub fn from_azure(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "creating" => Self::Creating,
            "updating" => Self::Updating,
            "scaling" => Self::Scaling,
            "deleting" => Self::Deleting,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            "canceled" | "cancelled" => Self::Canceled,
            _ => Self::Unknown,
        }
    }

    /// Whether an operation is in progress, during which Azure accepts no other.
    #[must_use]
    pub fn is_busy(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }

    /// Azure's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Scaling => "Scaling",
            Self::Deleting => "Deleting",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for ProvisioningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A phase of a deployment's creation, derived from the operation's status and from the containers that have written a
/// log, because ARM itself reports no phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Azure accepted the request and prepares machines and image; no container has started.
    Preparing,
    /// The storage initializer has written a log: it is downloading model and code.
    Downloading,
    /// The inference server has written a log: the model is starting, and Azure probes it.
    Starting,
    /// All instances are ready.
    Ready,
}

impl Phase {
    /// All phases, in order.
    pub const ALL: [Self; 4] = [Self::Preparing, Self::Downloading, Self::Starting, Self::Ready];

    /// The phase's name on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Preparing => "Preparing machines and image",
            Self::Downloading => "Downloading model and code",
            Self::Starting => "Starting and probing",
            Self::Ready => "Ready",
        }
    }

    /// Derives the phase from observations.
    #[must_use]
    pub fn observed(
        state: ProvisioningState,
        storage_initializer_wrote: bool,
        inference_server_wrote: bool,
    ) -> Self {
        match (state, storage_initializer_wrote, inference_server_wrote) {
            (ProvisioningState::Succeeded, _, _) => Self::Ready,
            (_, _, true) => Self::Starting,
            (_, true, false) => Self::Downloading,
            (_, false, false) => Self::Preparing,
        }
    }
}
