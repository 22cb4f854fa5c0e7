//! Where a release is defined: its repository, file and job.

use serde::{Deserialize, Serialize};

/// The place that defines a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The repository (`owner/name`), or the name of a local folder.
    pub repository: String,
    /// The branch or tag that was read (`main`).
    pub reference: String,
    /// The full commit hash that the reference resolved to, if known.
    pub commit: Option<String>,
    /// The path of the workflow file from the repository root.
    pub workflow: String,
    /// The job's key in that file.
    pub job: String,
    /// The line of the job's key, counted from 1.
    pub line: Option<u32>,
    /// The job's `uses:`, as written.
    pub uses: String,
    /// The job's `if:`, as written.
    pub condition: Option<String>,
    /// The job's `needs:`.
    pub needs: Vec<String>,
}

impl Origin {
    /// The first eight characters of the commit hash.
    #[must_use]
    pub fn short_commit(&self) -> Option<&str> {
        self.commit.as_deref().map(|commit| commit.get(..8).unwrap_or(commit))
    }
}
