//! Jobs as screens show them.

use super::build::Build;
use super::state::{Phase, State, StepStatus};
use super::{Ending, JobId, StepKind};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The progress of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Stored, but not begun.
    Waiting,
    Running {
        step: StepKind,
        /// Why the step is being tried again.
        trouble: Option<String>,
    },
    /// Somebody asked to cancel the job, and it has not ended yet.
    Cancelling {
        by: String,
    },
    Succeeded,
    Failed {
        message: String,
    },
    Cancelled {
        by: String,
    },
}

impl Progress {
    /// Summarizes a job's state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        match (&state.phase, &state.cancel) {
            (Phase::Finished(Ending::Succeeded), _) => Self::Succeeded,
            (Phase::Finished(Ending::Failed { message }), _) => {
                Self::Failed { message: message.clone() }
            }
            (Phase::Finished(Ending::Cancelled { by }), _) => Self::Cancelled { by: by.clone() },
            (Phase::New | Phase::Running, Some(by)) => Self::Cancelling { by: by.clone() },
            (Phase::New | Phase::Running, None) => {
                // Between two steps the job runs on.
                let has_begun = state.steps.iter().any(|step| step.status != StepStatus::Pending);
                let step = state.step(state.current()).or_else(|| state.steps.last());
                let Some(step) = step.filter(|_| has_begun) else { return Self::Waiting };
                let trouble = step.note.clone().filter(|_| step.tries > 0);
                Self::Running { step: step.kind, trouble }
            }
        }
    }

    /// Whether the job has not ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running { .. } | Self::Cancelling { .. })
    }

    /// The word of a badge.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "Queued",
            Self::Running { .. } => "Running",
            Self::Cancelling { .. } => "Cancelling",
            Self::Succeeded => "Succeeded",
            Self::Failed { .. } => "Failed",
            Self::Cancelled { .. } => "Cancelled",
        }
    }
}

/// A job in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    pub build: Build,
    /// The name of the person who started it.
    pub by: String,
    pub started: Timestamp,
    /// `None` while in progress.
    pub ended: Option<Timestamp>,
    pub progress: Progress,
}

/// How much of a log is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogSize {
    pub lines: u64,
    pub bytes: u64,
}
