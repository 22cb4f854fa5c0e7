//! How a repository's images are built, from the configuration.

use domain::job::build::{TIMEOUT_MINUTES_MAX, TIMEOUT_MINUTES_MIN};
use serde::Deserialize;

/// Who builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// An Azure Container Registry task. No runner is needed.
    #[default]
    Registry,
    /// The team's own workflow on GitHub.
    Workflow,
}

/// How a repository's images are built.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Building {
    pub method: By,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The folder that is sent to the builder; empty for the whole repository.
    pub context: String,
    /// From [`TIMEOUT_MINUTES_MIN`] to [`TIMEOUT_MINUTES_MAX`].
    pub timeout_minutes: u32,
    /// Registers images without a tag, as the workflow templates do. The version then means whatever `latest` is when an
    /// instance pulls it.
    pub untagged: bool,
}

impl Default for Building {
    fn default() -> Self {
        Self {
            method: By::default(),
            dockerfile: "Dockerfile".to_owned(),
            context: String::new(),
            timeout_minutes: 60,
            untagged: false,
        }
    }
}

impl Building {
    /// Checks the values.
    ///
    /// # Errors
    /// With the key, the violated rule and the fix.
    pub fn check(&self) -> anyhow::Result<()> {
        let is_path = |path: &str| path.parse::<domain::release::path::RepoPath>().is_ok();
        anyhow::ensure!(
            is_path(&self.dockerfile),
            "build: dockerfile: “{}” is not a path in the repository",
            self.dockerfile
        );
        anyhow::ensure!(
            self.context.is_empty() || is_path(&self.context),
            "build: context: “{}” is not a folder in the repository. Leave it out for the whole repository",
            self.context
        );
        anyhow::ensure!(
            (TIMEOUT_MINUTES_MIN..=TIMEOUT_MINUTES_MAX).contains(&self.timeout_minutes),
            "build: timeout_minutes: {} is not between {TIMEOUT_MINUTES_MIN} and {TIMEOUT_MINUTES_MAX}",
            self.timeout_minutes
        );
        Ok(())
    }

    /// The Dockerfile's path in the repository.
    #[must_use]
    pub fn path(&self) -> String {
        match self.context.as_str() {
            "" => self.dockerfile.clone(),
            folder => format!("{folder}/{}", self.dockerfile),
        }
    }
}
