//! What the console asked Azure to do, and how that is going.

use super::name::DeploymentName;
use super::plan::step::StepKind;
use super::route::Route;
use super::run::state::{Phase, State};
use super::run::{Ending, RunId};
use super::stage::EndpointKey;
use super::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Split and mirror are being set, in one PUT.
    SetRoute {
        /// What it was.
        before: Route,
        /// What it becomes.
        after: Route,
    },
    /// A deployment is being created, without live traffic.
    CreateDeployment {
        /// Which.
        deployment: DeploymentName,
    },
    /// A deployment is being deleted.
    DeleteDeployment {
        /// Which.
        deployment: DeploymentName,
    },
    /// A release's plan is being carried out.
    Release {
        /// The release, as `workflow.yml/job`.
        release: String,
        /// The route that the plan was made from.
        before: Route,
        /// The route at its end.
        after: Route,
    },
    /// The route is being set as it was before another run.
    RollBack {
        /// That run.
        run: RunId,
        /// What the route was when this was asked for.
        before: Route,
        /// What it becomes again.
        after: Route,
    },
}

impl Action {
    /// `Route: anet-eedi 90 %, green 10 %`, for lists and announcements.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::SetRoute { after, .. } => format!("Set the route to {after}"),
            Self::CreateDeployment { deployment } => format!("Create deployment {deployment}"),
            Self::DeleteDeployment { deployment } => format!("Delete deployment {deployment}"),
            Self::Release { release, .. } => format!("Carry out the release {release}"),
            Self::RollBack { after, .. } => format!("Roll the route back to {after}"),
        }
    }
}

/// How an operation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Written down, not yet sent to Azure.
    Intended,
    /// Azure accepted it and is at work.
    Running {
        /// Something that stands in the way of knowing more, such as Azure not answering.
        trouble: Option<String>,
    },
    /// A share of live traffic has its time before the next.
    Baking {
        /// Which, and until when.
        note: String,
    },
    /// Azure finished it, and what we read back is what was asked for.
    Succeeded,
    /// It did not happen, or not as asked.
    Failed {
        /// What happened, which rule, what to do.
        message: String,
    },
    /// A person ended it before its last step.
    Stopped {
        /// Who, and what was done before.
        message: String,
    },
    /// It failed, and another run sets the route as it was before.
    RolledBack {
        /// Why it failed, and who rolled it back.
        message: String,
    },
}

impl Progress {
    /// How a run stands, in short.
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

/// One operation as the screens show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: RunId,
    /// The endpoint it concerns.
    pub endpoint: EndpointKey,
    /// What is being done.
    pub action: Action,
    /// Who asked, by name.
    pub by: String,
    /// When it was asked.
    pub started: Timestamp,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
    /// How it stands.
    pub progress: Progress,
}

impl Operation {
    /// Whether Azure is still at work on it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.progress,
            Progress::Intended | Progress::Running { .. } | Progress::Baking { .. }
        )
    }
}
