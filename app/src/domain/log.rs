//! Deployment logs, as Azure's `getLogs` gives them: the last lines of one container.

use serde::{Deserialize, Serialize};

/// Which container's log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// The server that answers requests.
    #[default]
    InferenceServer,
    /// What fetches model and code before the server starts.
    StorageInitializer,
}

impl Container {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::InferenceServer => "Inference server",
            Self::StorageInitializer => "Storage initializer",
        }
    }

    /// Its word in a URL's query.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::InferenceServer => "inference-server",
            Self::StorageInitializer => "storage-initializer",
        }
    }

    /// Reads the word in a URL's query; anything unknown is the inference server.
    #[must_use]
    pub fn from_slug(slug: &str) -> Self {
        if slug == Self::StorageInitializer.slug() {
            Self::StorageInitializer
        } else {
            Self::InferenceServer
        }
    }
}

/// Lines to read when nothing else is asked.
pub const TAIL_DEFAULT: u32 = 200;
/// Most lines that the console asks Azure for.
pub const TAIL_MAX: u32 = 2000;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Whose.
    pub container: Container,
    /// Its lines, oldest first; empty when the container has not written yet.
    pub lines: Vec<String>,
}
