//! How far Azure is with building an endpoint or a deployment.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Azure's `provisioningState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvisioningState {
    /// Being made. (A new deployment mostly says `Updating` instead.)
    Creating,
    /// Being changed.
    Updating,
    /// Changing its number of instances.
    Scaling,
    /// Being deleted.
    Deleting,
    /// Ready.
    Succeeded,
    /// The last operation failed.
    Failed,
    /// The last operation was cancelled.
    Canceled,
    /// A state this console does not know; treated as "busy", the safe reading.
    Unknown,
}

impl ProvisioningState {
    /// Reads Azure's spelling, without regard to case.
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

    /// Whether Azure is still at work, so that nothing else may be asked of it.
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

/// A phase of a deployment's creation, told from what can be observed on any Azure: the operation's
/// status and which containers have written a log. ARM itself reports no phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Azure accepted the request; no container has started: machines and image are being prepared.
    Preparing,
    /// The storage initializer has written: model and code are being downloaded.
    Downloading,
    /// The inference server has written: the model is starting and being probed.
    Starting,
    /// All instances are ready.
    Ready,
}

impl Phase {
    /// All phases in their order.
    pub const ALL: [Self; 4] = [Self::Preparing, Self::Downloading, Self::Starting, Self::Ready];

    /// What is going on, for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Preparing => "Preparing machines and image",
            Self::Downloading => "Downloading model and code",
            Self::Starting => "Starting and probing",
            Self::Ready => "Ready",
        }
    }

    /// Tells the phase from what was observed.
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
