//! How a step of a run stands.

use super::Output;
use crate::domain::plan::step::StepKind;
use crate::domain::provisioning;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not begun.
    Pending,
    /// Begun.
    Running,
    /// Done.
    Succeeded,
    /// It failed.
    Failed,
}

/// When a deployment's creation was first seen in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Which.
    pub phase: provisioning::Phase,
    /// When.
    pub at: Timestamp,
}

/// One step's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// What kind.
    pub kind: StepKind,
    /// Where it is.
    pub standing: Standing,
    /// Whether something may have been sent by it.
    pub sent: bool,
    /// Tries in a row that ended in trouble.
    pub tries: u32,
    /// Where Azure tells how it stands.
    pub checkpoint: Option<String>,
    /// What happens, or why it failed.
    pub note: Option<String>,
    /// What it left behind, or Azure's answer to its failure.
    pub output: Option<Output>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The phases of a deployment's creation that it waited through, in their order.
    pub phases: Vec<Entered>,
}

impl StepState {
    /// How long it took, in milliseconds; `None` before its end.
    #[must_use]
    pub fn took_ms(&self) -> Option<i64> {
        Some(self.ended?.since(self.started?))
    }

    /// How long each phase took, in milliseconds; the last one until the step's end, and `None` while it lasts.
    pub fn phases_took(&self) -> impl Iterator<Item = (provisioning::Phase, Option<i64>)> {
        let ends = self.phases.iter().skip(1).map(|next| Some(next.at)).chain([self.ended]);
        self.phases
            .iter()
            .zip(ends)
            .map(|(phase, end)| (phase.phase, end.map(|end| end.since(phase.at))))
    }

    /// A phase never goes back.
    pub(super) fn enter(&mut self, phase: Option<provisioning::Phase>, at: Timestamp) {
        let Some(phase) = phase else { return };
        if self.phases.last().is_none_or(|last| last.phase < phase) {
            self.phases.push(Entered { phase, at });
        }
    }

    pub(super) fn pending(kind: StepKind) -> Self {
        Self {
            kind,
            standing: Standing::Pending,
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
