//! A run as its page shows it.

use super::Decision;
use super::state::{Phase, StepState};
use super::usual::Usual;
use crate::domain::change::ChangeId;
use crate::domain::diagnosis::Diagnosis;
use crate::domain::operation::Operation;
use crate::domain::plan::PlanHash;
use crate::domain::plan::step::PlannedStep;
use crate::domain::provisioning;
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

/// One run's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// The server's clock, against which ages are told.
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
    /// Another one whenever the page would look otherwise.
    pub stamp: String,
}
