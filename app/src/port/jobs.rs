//! Jobs: planning and starting builds, following them, and reading their logs.

use super::Result;
use async_trait::async_trait;
use domain::change::proposal::Words;
use domain::ids::{ChangeId, RunId};
use domain::job::build::Build;
use domain::job::state::StepState;
use domain::job::view::{Job, LogSize};
use domain::job::{Approval, JobId};
use domain::repository::{Reference, ReleaseId};
use domain::run::operation::Operation;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The job of a build that a person started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub job: JobId,
    /// Whether the same build was in progress already, so that no second one was started.
    pub was_open: bool,
}

/// A build to plan or to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildRequest {
    /// A build release, or a deploy release whose version of the templates builds first.
    pub release: ReleaseId,
    /// The branch, tag or commit to build; the repository's configured one if `None`.
    pub reference: Option<Reference>,
    /// Answers that replace inputs.
    pub answers: Vec<(String, String)>,
    /// Whether to carry out the release after the build, as the workflow does. Only for a deploy release.
    pub deploy: bool,
}

impl BuildRequest {
    /// A build of a release as its files define it.
    #[must_use]
    pub fn of(release: ReleaseId) -> Self {
        Self { release, reference: None, answers: Vec::new(), deploy: false }
    }
}

/// A job of the workflow that GitHub would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowJob {
    pub id: String,
    /// The workflow that the job calls, as its `uses:` spells it.
    pub calls: Option<String>,
    pub needs: Vec<String>,
    /// The GitHub environment, which may require approvals.
    pub environment: Option<String>,
    /// The job's `if:`, which GitHub evaluates.
    pub condition: Option<String>,
    /// Whether this is the job that builds the image.
    pub builds: bool,
}

/// A deployment that uses an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUse {
    pub at: EndpointKey,
    pub deployment: String,
    /// The share of live traffic, in percent.
    pub live: u8,
    /// The share of mirrored traffic, in percent.
    pub mirror: u8,
    /// Whether the deployment refers to the tag `latest` or to no tag, so that new instances pull the newest image.
    pub follows_latest: bool,
}

/// What pressing *Build* would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildPlan {
    pub now: Timestamp,
    pub release: ReleaseId,
    /// The build; `None` if there are problems.
    pub build: Option<Build>,
    /// Why nothing can be built, in full sentences.
    pub problems: Vec<String>,
    /// What the person should know, in full sentences.
    pub warnings: Vec<String>,
    /// The layers that the Dockerfile has, in its order.
    pub layers: Vec<String>,
    /// The registry's login server; `None` for a workflow, or if the workspace has no registry.
    pub registry: Option<String>,
    /// All jobs that GitHub would run; empty for a registry build.
    pub jobs: Vec<WorkflowJob>,
    /// A job of this image that is in progress. Another one cannot start before it ends.
    pub open: Option<Job>,
    /// The deployments of all stages that use this image.
    pub uses: Vec<ImageUse>,
    /// Whether `uses` is complete.
    pub knows_uses: bool,
    /// The median duration of earlier builds of this image, in milliseconds.
    pub usual_ms: Option<i64>,
    /// Commands that do the same by hand.
    pub documents: Vec<domain::document::Document>,
    pub may_not_build: Option<String>,
    /// Whether the release is proposed as a change after the build, so that people may give a reason for it.
    pub proposes: bool,
}

/// A part of a log that can be folded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSection {
    pub title: String,
    /// Line numbers count from 1.
    pub first: u64,
    /// The last line; `None` while the section is being written.
    pub last: Option<u64>,
    pub failed: bool,
}

/// Why a build failed, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What happened.
    pub what: String,
    /// What to do.
    pub remedy: String,
    /// The line that says so.
    pub line: u64,
    /// That line's text.
    pub quote: String,
}

/// A log that was removed, because its job ended long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRemoved {
    pub at: Timestamp,
    /// How long the console keeps logs now, in days.
    pub kept_days: u32,
}

/// Where the image of a job can be deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Onward {
    /// The deploy release that built the image, whose plan can follow.
    pub release: Option<ReleaseId>,
    /// The stage's endpoints; empty if there are too many for one link each.
    pub endpoints: Vec<EndpointKey>,
}

/// One job's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    pub now: Timestamp,
    pub job: Job,
    pub steps: Vec<StepState>,
    pub log: LogSize,
    pub log_removed: Option<LogRemoved>,
    pub sections: Vec<LogSection>,
    pub cause: Option<Cause>,
    pub warnings: Vec<String>,
    pub approvals: Vec<Approval>,
    /// The registered environment version.
    pub version: Option<String>,
    /// The image's digest.
    pub digest: Option<String>,
    /// The run's page at GitHub.
    pub url: Option<String>,
    /// The median duration of earlier builds of this image, in milliseconds.
    pub usual_ms: Option<i64>,
    /// The deployments that use the registered version.
    pub uses: Vec<ImageUse>,
    /// Where the image can be deployed; nowhere before the job has succeeded.
    pub onward: Onward,
    /// The run that carries out the release after the build.
    pub deployment: Option<RunId>,
    /// The change that proposes the release after the build.
    pub change: Option<ChangeId>,
    pub may_not_cancel: Option<String>,
    /// Why the person may not start the job again.
    pub may_not_repeat: Option<String>,
}

/// Lines of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogPage {
    /// The number of the first line, from 1.
    pub first: u64,
    /// Raw lines without line ends, with secrets hidden.
    pub lines: Vec<String>,
    pub size: LogSize,
    /// Whether the job has ended, so that no more lines follow.
    pub ended: bool,
}

/// The result of a search in a log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogMatches {
    /// Numbers of the lines that contain the text, in order.
    pub lines: Vec<u64>,
    /// Whether there are more matches than listed.
    pub more: bool,
}

/// A run or a job in the list of activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    Run(Box<Operation>),
    Job(Box<Job>),
}

/// What the activity page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    #[default]
    All,
    Runs,
    Builds,
}

/// The activity page: runs and jobs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    pub now: Timestamp,
    pub kind: ActivityKind,
    pub items: Vec<Activity>,
    /// Shows older entries: the start of the last entry, in milliseconds since 1970; `None` if there are no more.
    pub older: Option<i64>,
}

/// Jobs: planning and starting builds, following them, and reading their logs.
#[async_trait]
pub trait JobsApi: Send + Sync {
    /// Runs and jobs, newest first; `before`: only those that started earlier.
    async fn activity(&self, kind: ActivityKind, before: Option<Timestamp>)
    -> Result<ActivityView>;
    /// What a build would do.
    async fn plan_build(&self, request: &BuildRequest) -> Result<BuildPlan>;
    /// Starts a build of the commit that the person saw. Returns the new job, or the one that is in progress for the
    /// same image and commit.
    async fn start_build(
        &self,
        request: &BuildRequest,
        commit: &str,
        reason: Option<Words>,
    ) -> Result<Begun>;
    /// Starts an ended job again. `failed_only`: GitHub runs only the failed jobs of the workflow again.
    async fn repeat_job(&self, id: &JobId, failed_only: bool) -> Result<Begun>;
    async fn cancel_job(&self, id: &JobId) -> Result<()>;
    /// One job.
    async fn job(&self, id: &JobId) -> Result<JobView>;
    /// At most `count` lines of a job's log, from line `first`. Line numbers count from 1.
    async fn job_log(&self, id: &JobId, first: u64, count: u32) -> Result<LogPage>;
    /// The lines that contain a text, without regard to case.
    async fn search_log(&self, id: &JobId, text: &str) -> Result<LogMatches>;
}
