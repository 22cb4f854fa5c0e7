//! The data of a run's page.

use super::state::{Phase, StepState};
use super::typical_duration::Usual;
use super::{Decision, RunId};
use crate::diagnosis::Diagnosis;
use crate::endpoint::Endpoint;
use crate::glass::Broken;
use crate::ids::ChangeId;
use crate::plan::step::PlannedStep;
use crate::plan::{Plan, PlanHash};
use crate::provisioning;
use crate::route::Route;
use crate::run::operation::{Operation, Progress};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    pub planned: PlannedStep,
    pub state: StepState,
    /// The usual duration of comparable steps, if enough were measured.
    pub usual: Option<Usual>,
    /// The phases of a deployment's creation that the step waited for.
    pub phases: Vec<PhaseTook>,
    /// A plain-language explanation of the failure.
    pub diagnosis: Option<Diagnosis>,
}

/// One phase of a deployment's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseTook {
    pub phase: provisioning::Phase,
    /// When the phase was first observed.
    pub entered: Timestamp,
    /// The duration in milliseconds; `None` until the phase ends.
    pub ms: Option<i64>,
    pub usual: Option<Usual>,
}

/// A decision that the page offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub decision: Decision,
    /// Why this person may not decide, or not now; `None` if allowed.
    pub why_not: Option<String>,
}

/// A related run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    pub run: RunId,
    pub title: String,
    pub progress: Progress,
}

/// The preview of a roll-back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayBack {
    pub endpoint: Endpoint,
    /// The route before the run, which a roll-back would restore.
    pub to: Route,
    pub plan: Plan,
    /// Why the rules forbid a roll-back without approval; `None` if they allow one.
    pub forbidden: Option<String>,
    /// Why this person may not roll back, or not now; `None` if allowed.
    pub why_not: Option<String>,
    /// The run in progress on the endpoint, which must end first.
    pub busy: Option<Related>,
    /// Whether the stage requires approvals: a forbidden roll-back must then be proposed, and otherwise applied.
    pub protected: bool,
    /// Whether this person may break glass to roll back.
    pub may_break_glass: bool,
}

/// The page of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The server's time, for computing ages.
    pub now: Timestamp,
    /// The run's action and summary.
    pub operation: Operation,
    pub phase: Phase,
    /// The person who asked to stop the run before its next step.
    pub stops_next: Option<String>,
    /// The steps; empty if an earlier version of the console executed the run.
    pub steps: Vec<RunStep>,
    /// The change that the run applies, if any.
    pub change: Option<ChangeId>,
    pub hash: Option<PlanHash>,
    pub offers: Vec<Offer>,
    /// `None` if the run did not change the route or has not stopped yet.
    pub way_back: Option<WayBack>,
    /// The run that rolled this run back, or is doing so.
    pub rolled_back: Option<Related>,
    pub rolls_back: Option<Related>,
    /// How glass was broken for the run, if it was.
    pub broken: Option<Broken>,
    /// Changes whenever the content of the page changes.
    pub stamp: String,
}

impl RunView {
    /// Whether a roll-back restored the route from before the run.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        matches!(self.operation.progress, Progress::RolledBack { .. })
            || self.rolled_back.as_ref().is_some_and(|back| back.progress == Progress::Succeeded)
    }
}
