//! A job: durable long work that changes no route, such as a build. It never holds an endpoint.
//!
//! A job is recorded like a run ([`crate::run`]): [`Event`]s in an append-only journal, whose fold is the
//! [`state::State`]. [`state::State::todo`] derives the next action from the state alone, so a restart needs no
//! special handling. Unlike a run, a job that fails just ends: nothing is half done that a person must decide about, and
//! starting it again is a new job.
//!
//! The log of a job is not in its journal, because it can be large. It has tables of its own.

pub mod build;
pub mod explain;
pub mod form;
pub mod state;
pub mod view;

#[cfg(test)]
mod tests;

pub use crate::ids::JobId;

use crate::ids::{ChangeId, RunId};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Consecutive failed tries of one step before the job fails. With pauses that grow to a minute, the console tries for
/// more than an hour and a half, because GitHub or Azure may be unavailable that long.
pub const TRIES_MAX: u32 = 100;
/// Maximum number of events of one job, to stop endless loops.
pub const EVENTS_MAX: u32 = 2_000;

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Reads the Dockerfile at the commit and checks that it has the target layer.
    Check,
    /// Packs the repository at the commit and uploads it to the registry.
    Upload,
    /// Asks the registry to build.
    Schedule,
    /// Waits for the registry's build, and copies its log.
    Build,
    /// Dispatches the workflow.
    Dispatch,
    /// Waits for the workflow run, and copies the logs of its jobs.
    Workflow,
    /// Registers the environment version.
    Register,
    /// Finds the environment version that the workflow registered.
    Find,
    /// Applies or proposes the release that the build is for.
    Deploy,
}

impl StepKind {
    /// The step's name on screens.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Check => "Read the Dockerfile",
            Self::Upload => "Upload the source code",
            Self::Schedule => "Queue the build",
            Self::Build => "Build the image",
            Self::Dispatch => "Start the workflow",
            Self::Workflow => "Run the workflow",
            Self::Register => "Register the environment version",
            Self::Find => "Find the environment version",
            Self::Deploy => "Deploy the release",
        }
    }

    /// Whether the step sends a request whose effect must happen once. Its intent is written before it is sent.
    #[must_use]
    pub fn has_effect(self) -> bool {
        matches!(self, Self::Schedule | Self::Dispatch | Self::Register)
    }

    /// Whether the step waits for work that an earlier step started. Such a step handles a cancellation itself.
    #[must_use]
    pub fn follows(self) -> bool {
        matches!(self, Self::Build | Self::Workflow)
    }
}

/// A fact that a step found, for later steps and for the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The packed source code.
    Source {
        /// Where the registry finds the upload.
        path: String,
        /// Size of the upload, in bytes.
        bytes: u64,
    },
    /// The registry's or GitHub's run.
    Run {
        id: String,
        /// The run's page.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// The pushed image.
    Image {
        /// `registry/repository@sha256:…`
        reference: String,
        digest: String,
    },
    /// The registered environment version.
    Version {
        version: String,
        /// The image that the version names.
        image: String,
    },
    /// The run that carries out the release.
    Deployment { run: RunId },
    /// The change that proposes the release.
    Change { change: ChangeId },
}

/// The result of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// A sentence that describes the result.
    pub note: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Sentences about things that the person should know, such as submodules without content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// An approval that GitHub waits for before it runs a job of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The GitHub environment.
    pub environment: String,
    /// People and teams that may approve.
    pub reviewers: Vec<String>,
    /// The page on which they approve.
    pub url: String,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Succeeded,
    Failed {
        /// What happened, what it means and what to do.
        message: String,
    },
    Cancelled {
        by: String,
    },
}

/// One fact about a job. Steps are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A person requested the job. Its specification is fixed from here on.
    Requested,
    StepStarted {
        step: u32,
    },
    /// The step is about to send a request whose effect must happen once. Written before the request is sent.
    StepSending {
        step: u32,
    },
    /// The step waits for somebody else's work.
    StepWaiting {
        step: u32,
        note: String,
        /// The approvals that GitHub waits for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approvals: Vec<Approval>,
    },
    /// A temporary error; the step will be tried again.
    RetryScheduled {
        step: u32,
        error: String,
        due: Timestamp,
        /// Whether the other side refused the request for certain, so that its effect need not be looked for before it is
        /// sent again.
        #[serde(default, skip_serializing_if = "is_false")]
        refused: bool,
    },
    StepSucceeded {
        step: u32,
        output: Output,
    },
    /// Trying again would not help.
    StepFailed {
        step: u32,
        /// What happened, what it means and what to do.
        message: String,
    },
    /// A person asked to cancel the job.
    CancelRequested {
        by: String,
    },
    Finished {
        ending: Ending,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// An event in its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

/// An illegal event. This console never writes one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event} cannot follow when the job is {standing}")]
pub struct Illegal {
    event: String,
    standing: String,
}
