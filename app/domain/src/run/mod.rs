//! A run: the durable execution of a plan's steps, recorded in its journal.
//!
//! The journal is an append-only list of [`Event`]s. Folding them gives the [`state::State`], whose `next` rejects
//! illegal events. [`state::State::todo`] derives the next action from the state alone, so a restart needs no
//! special handling.

pub use crate::ids::RunId;

pub mod measured;
pub mod operation;
pub mod roll_back;
pub mod state;
pub mod step;
pub mod typical_duration;
pub mod view;
pub mod warrant;

#[cfg(test)]
mod tests;

use super::plan::step::StepKind;
use super::provisioning;
use super::route::Route;
use super::timestamp::Timestamp;
use measured::Measured;
use serde::{Deserialize, Serialize};
use warrant::Made;

/// Maximum length of an Azure response stored with a step, in characters.
pub const ANSWER_CHARS_MAX: usize = 16_000;
/// Consecutive failed tries of one step before a person must decide. With pauses that grow to half a minute,
/// this takes about a quarter of an hour.
pub const TRIES_MAX: u32 = 30;
/// Maximum number of events of one run, to stop endless loops.
pub const EVENTS_MAX: u32 = 1_000;

/// The result of a step, used by later steps, by roll-backs and by the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// A sentence that describes the result.
    pub note: String,
    /// The URL at which Azure reports the status of the started operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The route that the step read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What the live deployments of that route were made of, if the step read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<Made>,
    /// Azure's raw response with secrets hidden, at most [`ANSWER_CHARS_MAX`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    #[serde(default, skip_serializing_if = "Measured::is_empty")]
    pub measured: Measured,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All steps succeeded, and Azure returned the requested state when read back.
    Succeeded,
    /// The run failed before it sent anything.
    Failed {
        /// What happened, the rule and the remedy.
        message: String,
    },
    /// A person stopped the run between two steps.
    Cancelled { by: String },
    /// The run failed, and another run restores the route.
    RolledBack {
        /// The person, or the stage's policy for an automatic roll-back.
        by: String,
        /// The run that restores the route.
        run: RunId,
    },
    /// The run failed, and a person closed it without a roll-back.
    Left { by: String },
}

/// One fact about a run. Steps are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A person requested the run. Its steps are fixed from here on.
    Requested,
    /// The step started. It reads Azure before it sends anything.
    StepStarted { step: u32 },
    /// The step is about to change Azure. Written before the request is sent.
    StepSending { step: u32 },
    /// Azure is working; the step will poll again.
    StepWaiting {
        step: u32,
        note: String,
        /// The URL at which Azure reports the status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<String>,
        /// The observed phase of a deployment's creation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<provisioning::Phase>,
    },
    /// A temporary error; the step will be retried.
    RetryScheduled { step: u32, error: String, due: Timestamp },
    /// The step's effect is confirmed.
    StepSucceeded { step: u32, output: Output },
    /// A retry by itself would not help.
    StepFailed {
        step: u32,
        /// What happened, the rule and the remedy.
        message: String,
        /// Azure's raw response, as in [`Output::answer`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
        #[serde(default, skip_serializing_if = "Measured::is_empty")]
        measured: Measured,
    },
    /// The bake failed, and the route cannot be restored without a person's decision.
    NotReverted { why: String },
    /// A person asked to stop the run before its next step.
    CancelRequested { by: String },
    /// A step failed after something was sent. A person decides whether to retry, roll back or close the run.
    NeedsAttention,
    /// A person asked to retry the failed step.
    RetryRequested { by: String },
    /// The run ended.
    Finished { ending: Ending },
}

/// An event in its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub at: Timestamp,
    pub event: Event,
}

/// An illegal event. This console never writes one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event} cannot follow when the run is {standing}")]
pub struct Illegal {
    event: String,
    standing: String,
}

/// A person's decision about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Cancel,
    Retry,
    /// Restore the previous route in one PUT.
    RollBack,
    /// Close the run without a roll-back.
    Leave,
}

impl Decision {
    pub const ALL: [Self; 4] = [Self::Cancel, Self::Retry, Self::RollBack, Self::Leave];

    /// The value in forms.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::RollBack => "roll-back",
            Self::Leave => "leave",
        }
    }

    /// The label of the button.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Cancel => "Stop before the next step",
            Self::Retry => "Retry",
            Self::RollBack => "Roll back",
            Self::Leave => "Close run",
        }
    }

    /// A sentence that describes the effect.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Cancel => {
                "The console completes what it has already sent, and sends nothing more."
            }
            Self::Retry => "The failed step reads Azure first, and sends only what is missing.",
            Self::RollBack => {
                "One PUT restores the route from before this run. No approval is required."
            }
            Self::Leave => "Closes the run. Nothing is sent.",
        }
    }
}

impl std::str::FromStr for Decision {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|decision| decision.word() == word);
        found.ok_or_else(|| {
            "That is not a decision about a run. Use the buttons on the page.".to_owned()
        })
    }
}

/// Whether a step of this kind changes Azure.
#[must_use]
pub fn has_effect(kind: StepKind) -> bool {
    !matches!(kind, StepKind::Check | StepKind::Wait | StepKind::Bake)
}
