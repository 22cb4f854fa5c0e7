//! A run: the durable execution of a plan's steps, told by its journal.
//!
//! The journal is a list of [`Event`]s that only grows; how a run stands is their fold ([`state::State`]),
//! whose `next` rejects every move that is not legal. What is to be done now is told by the state alone
//! ([`state::State::todo`]), so that a restart is no special case.

pub mod measured;
pub mod roll_back;
pub mod state;
pub mod step;
pub mod usual;
pub mod view;
pub mod warrant;

#[cfg(test)]
mod tests;

use super::plan::step::StepKind;
use super::provisioning;
use super::route::Route;
use super::timestamp::Timestamp;
use super::uuid::is_uuid;
use measured::Measured;
use serde::{Deserialize, Serialize};
use std::fmt;
use warrant::Made;

/// Longest answer of Azure that is kept with a step, in characters.
pub const ANSWER_CHARS_MAX: usize = 16_000;
/// Tries of one step in a row that end in trouble, before a person has to look: with pauses that grow to
/// half a minute about a quarter of an hour.
pub const TRIES_MAX: u32 = 30;
/// Events of one run. One that needs more is going in circles.
pub const EVENTS_MAX: u32 = 1_000;

/// Identifies one run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RunId(pub String);

impl std::str::FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match is_uuid(text) {
            true => Ok(Self(text.to_owned())),
            false => Err("There is no such run; the endpoints' pages list theirs".to_owned()),
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a step leaves behind: for the steps after it, for rolling back, and for the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What was found or done, in a sentence.
    pub note: String,
    /// Where Azure tells how the operation stands that was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The route that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What the live deployments of that route were made of, when they were read with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_of: Option<Made>,
    /// Azure's raw answer, secrets hidden, at most [`ANSWER_CHARS_MAX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Measured::is_empty")]
    pub measured: Measured,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Every step was carried out, and what was read back is what was asked for.
    Succeeded,
    /// It ended before anything was sent.
    Failed {
        /// What happened, which rule, what to do.
        message: String,
    },
    /// Somebody stopped it between two steps.
    Cancelled {
        /// Who.
        by: String,
    },
    /// It failed, and another run sets the route as it was.
    RolledBack {
        /// Who; the stage's policy, where nobody had to ask.
        by: String,
        /// The run that does so.
        run: RunId,
    },
    /// It failed, and somebody left things as they are.
    Left {
        /// Who.
        by: String,
    },
}

/// One fact about a run. Steps are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody asked for it; the steps are fixed.
    Requested,
    /// A step begins: it looks first.
    StepStarted {
        /// Which.
        step: u32,
    },
    /// The step is about to send something that changes Azure. Written before it is sent.
    StepSending {
        /// Which.
        step: u32,
    },
    /// Azure is at work; the step will ask again.
    StepWaiting {
        /// Which.
        step: u32,
        /// For what.
        note: String,
        /// Where Azure tells how it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<String>,
        /// How far a deployment's creation was seen to be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<provisioning::Phase>,
    },
    /// Something went wrong that may pass; the step will be tried again.
    RetryScheduled {
        /// Which.
        step: u32,
        /// What went wrong.
        error: String,
        /// When.
        due: Timestamp,
    },
    /// The step's effect is there.
    StepSucceeded {
        /// Which.
        step: u32,
        /// What it leaves behind.
        output: Output,
    },
    /// The step will not come about by itself.
    StepFailed {
        /// Which.
        step: u32,
        /// What happened, which rule, what to do.
        message: String,
        /// Azure's raw answer, as in [`Output::answer`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
        /// What was measured until then.
        #[serde(default, skip_serializing_if = "Measured::is_empty")]
        measured: Measured,
    },
    /// What baked was not good, and the route cannot be set back without a person.
    NotReverted {
        /// Why, in a sentence.
        why: String,
    },
    /// Somebody wants it stopped before its next step.
    CancelRequested {
        /// Who.
        by: String,
    },
    /// Something was sent, and a step failed: a person decides whether to retry, roll back or leave.
    NeedsAttention,
    /// Somebody wants the failed step tried again.
    RetryRequested {
        /// Who.
        by: String,
    },
    /// It is over.
    Finished {
        /// How.
        ending: Ending,
    },
}

/// An event in its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// When it was written.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// A move that is not legal: a journal that holds one was not written by this console.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event} cannot follow when the run is {standing}")]
pub struct Illegal {
    event: String,
    standing: String,
}

/// What a person may decide about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Stop before the next step.
    Cancel,
    /// Try the failed step again.
    Retry,
    /// Set the route as it was before, in one PUT.
    RollBack,
    /// Leave things as they are.
    Leave,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cancel, Self::Retry, Self::RollBack, Self::Leave];

    /// Its word in forms.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::RollBack => "roll-back",
            Self::Leave => "leave",
        }
    }

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Cancel => "Stop before the next step",
            Self::Retry => "Try again",
            Self::RollBack => "Roll back",
            Self::Leave => "Leave it as it is",
        }
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Cancel => "What was sent is seen through; nothing more is sent.",
            Self::Retry => "The failed step looks first, and sends only what is missing.",
            Self::RollBack => {
                "One PUT sets the route as it was before this run. Nobody has to approve it."
            }
            Self::Leave => "Closes the run. Nothing is sent.",
        }
    }
}

impl std::str::FromStr for Decision {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|decision| decision.word() == word);
        found.ok_or_else(|| "That is no decision about a run; use the page's buttons.".to_owned())
    }
}

/// Whether a step of this kind changes Azure.
#[must_use]
pub fn has_effect(kind: StepKind) -> bool {
    !matches!(kind, StepKind::Check | StepKind::Wait | StepKind::Bake)
}
