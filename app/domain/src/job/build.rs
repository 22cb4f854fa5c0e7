//! A build: from a commit to an image and a registered environment version.

use super::{JobId, StepKind};
use crate::change::proposal::Words;
use crate::name::StageName;
use crate::release::build::ImageName;
use crate::release::tags::Tags;
use crate::repository::{Reference, ReleaseId};
use crate::target::Target;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Shortest time-out of a build, in minutes (Azure Container Registry: 300 seconds).
pub const TIMEOUT_MINUTES_MIN: u32 = 5;
/// Longest time-out of a build, in minutes (Azure Container Registry: 28,800 seconds).
pub const TIMEOUT_MINUTES_MAX: u32 = 480;
/// Characters of a commit's hash on screens, as GitHub shows it.
const SHORT: usize = 7;

/// How a build is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// An Azure Container Registry task builds the uploaded source code.
    Registry {
        /// Registers the image without a tag, as the workflow templates do. It then means whatever `latest` is when an
        /// instance pulls it.
        untagged: bool,
        /// From [`TIMEOUT_MINUTES_MIN`] to [`TIMEOUT_MINUTES_MAX`].
        timeout_minutes: u32,
    },
    /// GitHub runs the team's own workflow.
    Workflow {
        /// The file's name in `.github/workflows`.
        file: String,
        /// The branch or tag on which the workflow runs.
        on: String,
        /// The inputs of `workflow_dispatch`.
        inputs: Vec<(String, String)>,
        /// The workflow run whose failed jobs run again; `None` for a new run.
        rerun: Option<u64>,
    },
}

/// What a build makes. Everything is fixed when the job starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The stage that registers the environment version.
    pub stage: StageName,
    /// The Azure ML environment and the repository of its image.
    pub image: ImageName,
    pub description: String,
    pub tags: Tags,
    /// The Dockerfile's target layer.
    pub layer: String,
    /// The repository's name in the configuration.
    pub repository: String,
    /// The hash of the commit that is built.
    pub commit: String,
    /// The first line of the commit's message.
    pub subject: String,
    pub committed: Option<Timestamp>,
    /// The branch or tag that was resolved to the commit.
    pub reference: Option<Reference>,
    /// The release that defines the build; `None` for a build from the run book.
    pub release: Option<ReleaseId>,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The folder that is the build's context; empty for the whole repository.
    pub context: String,
    pub method: Method,
    /// Whether the release deploys too, so that its plan can follow the build.
    #[serde(default)]
    pub can_deploy: bool,
    /// The release that is carried out after the build; `None` if the job only builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploys: Option<Deploys>,
    /// The failed job that this one repeats.
    pub repeats: Option<JobId>,
}

/// A release to carry out after its build, at the commit that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deploys {
    pub release: ReleaseId,
    /// Answers that replace inputs.
    pub answers: Vec<(String, String)>,
    /// The person's reason, for a change that is proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Words>,
}

impl Build {
    /// The steps, in their order.
    #[must_use]
    pub fn steps(&self) -> Vec<StepKind> {
        let builds: &[StepKind] = match self.method {
            Method::Registry { .. } => &[
                StepKind::Check,
                StepKind::Upload,
                StepKind::Schedule,
                StepKind::Build,
                StepKind::Register,
            ],
            Method::Workflow { .. } => {
                &[StepKind::Check, StepKind::Dispatch, StepKind::Workflow, StepKind::Find]
            }
        };
        let deploys = self.deploys.as_ref().map(|_| StepKind::Deploy);
        builds.iter().copied().chain(deploys).collect()
    }

    /// What the build changes. At most one job changes a target at a time.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::Image { stage: self.stage.clone(), name: self.image.to_string() }
    }

    /// The commit as screens show it: its first seven digits.
    #[must_use]
    pub fn short(&self) -> &str {
        self.commit.get(..SHORT).unwrap_or(&self.commit)
    }

    /// The tags that the registry pushes: the commit, which never moves, and `latest`.
    #[must_use]
    pub fn pushed(&self) -> [String; 2] {
        [format!("{}:{}", self.image, self.commit), format!("{}:latest", self.image)]
    }

    /// A title for lists: `Build ml-azua-litserve-env from 1f2e3d4`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.deploys {
            None => format!("Build {} from {}", self.image, self.short()),
            Some(_) => format!("Build {} from {}, then deploy it", self.image, self.short()),
        }
    }

    /// Whether another build would make the same image.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |build: &Self| Self { repeats: None, ..build.clone() };
        plain(self) == plain(other)
    }
}
