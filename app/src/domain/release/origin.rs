//! Where a release stands: its repository, file and job.

use serde::{Deserialize, Serialize};

/// Where a release stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Origin {
    /// The repository (`owner/name`), or the name of a local folder.
    pub repository: String,
    /// The branch or tag that was read (`main`).
    pub reference: String,
    /// The commit that the reference stood for, in full, when it is known.
    pub commit: Option<String>,
    /// The workflow file, from the root of the repository.
    pub workflow: String,
    /// The job's key in it.
    pub job: String,
    /// The line of the job's key, from 1.
    pub line: Option<u32>,
    /// What the job calls, as written.
    pub uses: String,
    /// The job's `if:`, as written.
    pub condition: Option<String>,
    /// The jobs that it waits for.
    pub needs: Vec<String>,
}

impl Origin {
    /// The commit in short, as people know it.
    #[must_use]
    pub fn short_commit(&self) -> Option<&str> {
        self.commit.as_deref().map(|commit| commit.get(..8).unwrap_or(commit))
    }
}
