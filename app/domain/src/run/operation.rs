//! Operations that the console performs in Azure, and their progress.

use crate::ids::RunId;
use crate::intent::Named;
use crate::plan::step::StepKind;
use crate::route::Route;
use crate::run::Ending;
use crate::run::state::{Phase, State};
use crate::target::Target;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The routes before and after an operation that sets one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The route that the plan was made from.
    pub before: Route,
    pub after: Route,
}

/// The progress of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Stored, but not yet sent to Azure.
    Intended,
    /// Azure accepted the request and is working.
    Running {
        /// Why the progress is unknown, for example because Azure does not respond.
        trouble: Option<String>,
    },
    /// A share of live traffic is baking.
    Baking { note: String },
    /// Azure finished, and the state read back is the requested one.
    Succeeded,
    /// The operation did not happen, or not as requested.
    Failed {
        /// What happened, the rule and the remedy.
        message: String,
    },
    /// A person stopped the operation before its last step.
    Stopped {
        /// The person, and what was done before.
        message: String,
    },
    /// The operation failed, and another run restores the route.
    RolledBack {
        /// Why the operation failed, and who rolled it back.
        message: String,
    },
}

impl Progress {
    /// Summarizes a run's state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let failure = || state.failure().unwrap_or("It failed.").to_owned();
        match &state.phase {
            Phase::New | Phase::Running => {
                let step = state.step(state.current());
                let baking = step.filter(|step| step.kind == StepKind::Bake && step.tries == 0);
                if let Some(note) = baking.and_then(|step| step.note.clone()) {
                    return Self::Baking { note };
                }
                let trouble = step.filter(|step| step.tries > 0);
                let trouble = trouble.and_then(|step| step.note.clone());
                match state.has_sent() || trouble.is_some() {
                    true => Self::Running { trouble },
                    false => Self::Intended,
                }
            }
            Phase::Attention | Phase::Finished(Ending::Left { .. }) => {
                Self::Failed { message: failure() }
            }
            Phase::Finished(Ending::Succeeded) => Self::Succeeded,
            Phase::Finished(Ending::Failed { message }) => {
                Self::Failed { message: message.clone() }
            }
            Phase::Finished(Ending::Cancelled { by }) => {
                let mut message =
                    format!("{by} stopped it before its next step. What was done stays done.");
                if let Some(route) = state.route() {
                    message.push_str(&format!(" The route is now: {route}."));
                }
                Self::Stopped { message }
            }
            Phase::Finished(Ending::RolledBack { by, .. }) => {
                Self::RolledBack { message: format!("{} {by} rolled it back.", failure()) }
            }
        }
    }
}

/// An operation as screens show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub id: RunId,
    pub target: Target,
    pub intent: Named,
    /// `None` if the operation leaves the route as it is.
    pub moved: Option<Moved>,
    pub by: String,
    pub started: Timestamp,
    /// `None` while in progress.
    pub ended: Option<Timestamp>,
    pub progress: Progress,
}

impl Operation {
    /// Whether the operation is still in progress.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.progress,
            Progress::Intended | Progress::Running { .. } | Progress::Baking { .. }
        )
    }
}
