//! A run as its page shows it.

use super::state::{Phase, StepState};
use super::usual::Usual;
use super::{Decision, RunId};
use crate::domain::change::ChangeId;
use crate::domain::diagnosis::Diagnosis;
use crate::domain::endpoint::Endpoint;
use crate::domain::glass::Broken;
use crate::domain::operation::{Operation, Progress};
use crate::domain::plan::step::PlannedStep;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::provisioning;
use crate::domain::route::Route;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStep {
    /// In words.
    pub planned: PlannedStep,
    /// How it stands.
    pub state: StepState,
    /// How long its like usually takes, when enough of them were seen.
    pub usual: Option<Usual>,
    /// The phases of a deployment's creation that it waited through.
    pub phases: Vec<PhaseTook>,
    /// What its failure means, in plain words.
    pub diagnosis: Option<Diagnosis>,
}

/// One phase of a deployment's creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseTook {
    /// Which.
    pub phase: provisioning::Phase,
    /// When it was first seen.
    pub entered: Timestamp,
    /// How long it took, in milliseconds; `None` while it lasts.
    pub ms: Option<i64>,
    /// How long it usually takes.
    pub usual: Option<Usual>,
}

/// Something that can be decided about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What.
    pub decision: Decision,
    /// Why not by this person, or not now; `None` when they may.
    pub why_not: Option<String>,
}

/// Another run that belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Which.
    pub run: RunId,
    /// What it does.
    pub title: String,
    /// How it stands.
    pub progress: Progress,
}

/// The way back from a run, as its page shows it before anybody takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayBack {
    /// The endpoint as observed.
    pub endpoint: Endpoint,
    /// The route before the run, which a roll-back would set.
    pub to: Route,
    /// What a roll-back would do.
    pub plan: Plan,
    /// Why there is none without an approval, by the rules; `None` when there is.
    pub forbidden: Option<String>,
    /// Why this person may not, or not now; `None` when they may.
    pub why_not: Option<String>,
    /// Whether the stage asks for approvals: what is forbidden is to be proposed there, and applied elsewhere.
    pub protected: bool,
    /// Whether this person may break glass for it.
    pub may_break_glass: bool,
}

/// One run's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// What it does, and how it stands in short.
    pub operation: Operation,
    /// Where it is.
    pub phase: Phase,
    /// Who asked to stop it before its next step.
    pub stops_next: Option<String>,
    /// Its steps; none when an earlier version carried it out.
    pub steps: Vec<RunStep>,
    /// The change that it carries out, when it carries one out.
    pub change: Option<ChangeId>,
    /// The hash of its plan.
    pub hash: Option<PlanHash>,
    /// What can be decided about it now.
    pub offers: Vec<Offer>,
    /// The way back; `None` where it changed no route, or has not come to rest.
    pub way_back: Option<WayBack>,
    /// The run that rolled it back, or is about to.
    pub rolled_back: Option<Related>,
    /// The run that it rolls back.
    pub rolls_back: Option<Related>,
    /// How glass was broken for it, if it was.
    pub broken: Option<Broken>,
    /// Another one whenever the page would look otherwise.
    pub stamp: String,
}

impl RunView {
    /// Whether it was rolled back, and Azure has the route from before it again.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        matches!(self.operation.progress, Progress::RolledBack { .. })
            || self.rolled_back.as_ref().is_some_and(|back| back.progress == Progress::Succeeded)
    }
}
