//! Deployment logs from Azure's `getLogs`: the last lines of one container.

use serde::{Deserialize, Serialize};

/// A container of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// The container that answers requests.
    #[default]
    InferenceServer,
    /// The container that downloads model and code before the server starts.
    StorageInitializer,
}

impl Container {
    /// The container's name on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::InferenceServer => "Inference server",
            Self::StorageInitializer => "Storage initializer",
        }
    }

    /// The container's word in a URL query.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::InferenceServer => "inference-server",
            Self::StorageInitializer => "storage-initializer",
        }
    }

    /// Reads the word in a URL query; unknown words mean the inference server.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        if slug == Self::StorageInitializer.slug() {
            Self::StorageInitializer
        } else {
            Self::InferenceServer
        }
    }
}

/// Default number of lines to read.
pub const TAIL_DEFAULT: u32 = 200;
/// Maximum number of lines that the console requests from Azure.
pub const TAIL_MAX: u32 = 2000;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    pub container: Container,
    /// The lines, oldest first; empty if the container has not written yet.
    pub lines: Vec<String>,
}
