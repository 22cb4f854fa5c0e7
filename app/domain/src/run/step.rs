//! The state of a step of a run.

use super::Output;
use crate::plan::step::StepKind;
use crate::provisioning;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The status of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    Pending,
    Running,
    Succeeded,
    Failed,
}

/// When a deployment's creation was first observed in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub phase: provisioning::Phase,
    pub at: Timestamp,
}

/// The state of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    pub kind: StepKind,
    pub standing: StepStatus,
    /// Whether the step may have sent something.
    pub sent: bool,
    /// Consecutive failed tries.
    pub tries: u32,
    /// The URL at which Azure reports the status.
    pub checkpoint: Option<String>,
    /// What the step is doing, or why it failed.
    pub note: Option<String>,
    /// The result, or Azure's response to the failed request.
    pub output: Option<Output>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The phases of a deployment's creation that the step waited for, in order.
    pub phases: Vec<Entered>,
}

impl StepState {
    /// The duration in milliseconds; `None` until the step ends.
    #[must_use]
    pub fn took_ms(&self) -> Option<i64> {
        Some(self.ended?.since(self.started?))
    }

    /// The duration of each phase in milliseconds. The last phase ends with the step, and is `None` until then.
    pub fn phases_took(&self) -> impl Iterator<Item = (provisioning::Phase, Option<i64>)> {
        let ends = self.phases.iter().skip(1).map(|next| Some(next.at)).chain([self.ended]);
        self.phases
            .iter()
            .zip(ends)
            .map(|(phase, end)| (phase.phase, end.map(|end| end.since(phase.at))))
    }

    /// Records a phase. Earlier phases are ignored.
    pub(super) fn enter(&mut self, phase: Option<provisioning::Phase>, at: Timestamp) {
        let Some(phase) = phase else { return };
        if self.phases.last().is_none_or(|last| last.phase < phase) {
            self.phases.push(Entered { phase, at });
        }
    }

    pub(super) fn pending(kind: StepKind) -> Self {
        Self {
            kind,
            standing: StepStatus::Pending,
            sent: false,
            tries: 0,
            checkpoint: None,
            note: None,
            output: None,
            started: None,
            ended: None,
            phases: Vec::new(),
        }
    }
}
