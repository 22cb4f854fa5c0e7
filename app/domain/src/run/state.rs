//! The state of a run, folded from its journal, and the next action.

use super::warrant::Made;
use super::{EVENTS_MAX, Ending, Event, Illegal, Output, Recorded, TRIES_MAX, has_effect};
use crate::plan::step::StepKind;
use crate::route::Route;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::step::{Entered, StepState, StepStatus};

/// The phase of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The journal is empty.
    New,
    /// The engine is executing the run.
    Running,
    /// A step failed after something was sent; a person decides.
    Attention,
    Finished(Ending),
}

/// The engine's next action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    Begin(u32),
    /// Continue a step that has begun.
    Carry(u32),
    /// Record the consequence of a failed step.
    Stop,
    /// The bake failed: restore the route from before the run, in another run.
    Revert,
    Finish(Ending),
    /// Nothing: a person must decide, or the run is over.
    Nothing,
}

/// The state of a run: the fold of its journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    pub steps: Vec<StepState>,
    pub cancel: Option<String>,
    pub events: u32,
    /// When the latest event was written.
    pub at: Timestamp,
}

impl State {
    /// The state before the first event.
    #[must_use]
    pub fn new(kinds: impl IntoIterator<Item = StepKind>) -> Self {
        let steps = kinds.into_iter().map(StepState::pending).collect();
        Self { phase: Phase::New, steps, cancel: None, events: 0, at: Timestamp(0) }
    }

    /// Folds a journal.
    ///
    /// # Errors
    /// [`Illegal`] at the first illegal event.
    pub fn fold<'a>(
        kinds: impl IntoIterator<Item = StepKind>,
        journal: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<Self, Illegal> {
        journal.into_iter().try_fold(Self::new(kinds), Self::next)
    }

    /// The number of the current or next step; the number of steps when all are done.
    #[must_use]
    pub fn current(&self) -> u32 {
        let done = self.steps.iter().take_while(|step| step.standing == StepStatus::Succeeded);
        u32::try_from(done.count()).unwrap_or(u32::MAX)
    }

    /// A step.
    #[must_use]
    pub fn step(&self, step: u32) -> Option<&StepState> {
        self.steps.get(usize::try_from(step).ok()?)
    }

    /// Whether something may have been sent to Azure.
    #[must_use]
    pub fn has_sent(&self) -> bool {
        self.steps.iter().any(|step| step.sent)
    }

    /// Whether the engine is executing the run.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// The latest route that the run set, as read back from Azure.
    #[must_use]
    pub fn route(&self) -> Option<&Route> {
        let waits = self.steps.iter().rev().filter(|step| step.kind == StepKind::Wait);
        waits.filter_map(|step| step.output.as_ref()).find_map(|output| output.route.as_ref())
    }

    /// What the live deployments were made of when the first step read them, if recorded.
    #[must_use]
    pub fn found(&self) -> Option<&Made> {
        let checked = self.steps.iter().find(|step| step.kind == StepKind::Check)?;
        checked.output.as_ref()?.made_of.as_ref()
    }

    /// Why the failed step failed.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.step(self.current()).filter(|s| s.standing == StepStatus::Failed)?.note.as_deref()
    }

    /// The engine's next action.
    #[must_use]
    pub fn todo(&self) -> Todo {
        if self.phase != Phase::Running {
            return Todo::Nothing;
        }
        let current = self.current();
        let Some(step) = self.step(current) else { return Todo::Finish(Ending::Succeeded) };
        match (step.standing, &self.cancel) {
            (StepStatus::Failed, _) if step.kind == StepKind::Bake && self.has_sent() => {
                Todo::Revert
            }
            (StepStatus::Failed, _) => Todo::Stop,
            // Complete what was already sent.
            (_, Some(by)) if !step.sent && step.kind != StepKind::Wait => {
                Todo::Finish(Ending::Cancelled { by: by.clone() })
            }
            (StepStatus::Running, _) => Todo::Carry(current),
            _ => Todo::Begin(current),
        }
    }

    /// The event after a failed step: a person must decide if something was sent, otherwise the run ends.
    #[must_use]
    pub fn after_failure(&self) -> Event {
        let message = self.failure().unwrap_or("It failed.").to_owned();
        match self.has_sent() {
            true => Event::NeedsAttention,
            false => Event::Finished { ending: Ending::Failed { message } },
        }
    }

    /// Applies one more event.
    ///
    /// # Errors
    /// [`Illegal`]; the caller must then not write the event.
    pub fn next(mut self, recorded: &Recorded) -> Result<Self, Illegal> {
        if self.events >= EVENTS_MAX || !self.may(&recorded.event) {
            let event = format!("{:?}", recorded.event).chars().take(80).collect();
            let standing = format!("{:?} at step {}", self.phase, self.current());
            return Err(Illegal { event, standing });
        }
        self.events += 1;
        self.at = recorded.at;
        self.apply(&recorded.event);
        Ok(self)
    }

    /// Whether an event is legal in this state.
    fn may(&self, event: &Event) -> bool {
        let current = self.current();
        let on = |step: &u32, standing: StepStatus| {
            *step == current && self.step(current).is_some_and(|s| s.standing == standing)
        };
        let running = self.phase == Phase::Running;
        match event {
            Event::Requested => self.phase == Phase::New && !self.steps.is_empty(),
            Event::StepStarted { step } => self.todo() == Todo::Begin(*step),
            Event::StepSending { step } => {
                running
                    && on(step, StepStatus::Running)
                    && self.step(*step).is_some_and(|step| has_effect(step.kind))
            }
            Event::RetryScheduled { step, .. } => {
                running
                    && on(step, StepStatus::Running)
                    && self.step(*step).is_some_and(|step| step.tries < TRIES_MAX)
            }
            Event::StepWaiting { step, .. }
            | Event::StepSucceeded { step, .. }
            | Event::StepFailed { step, .. } => running && on(step, StepStatus::Running),
            Event::CancelRequested { .. } => running && self.cancel.is_none(),
            Event::NeedsAttention => self.todo() == Todo::Stop && self.has_sent(),
            Event::NotReverted { .. } => self.todo() == Todo::Revert,
            Event::RetryRequested { .. } => self.phase == Phase::Attention,
            Event::Finished { ending } => match ending {
                Ending::Failed { .. } => self.todo() == Todo::Stop && !self.has_sent(),
                Ending::Succeeded | Ending::Cancelled { .. } => {
                    self.todo() == Todo::Finish(ending.clone())
                }
                Ending::RolledBack { .. } => {
                    self.phase == Phase::Attention || self.todo() == Todo::Revert
                }
                Ending::Left { .. } => self.phase == Phase::Attention,
            },
        }
    }

    fn apply(&mut self, event: &Event) {
        let at = self.at;
        match event {
            Event::Requested => self.phase = Phase::Running,
            Event::StepStarted { step } => self.on(*step, |step| {
                step.standing = StepStatus::Running;
                step.started = Some(at);
            }),
            Event::StepSending { step } => self.on(*step, |step| step.sent = true),
            Event::StepWaiting { step, note, checkpoint, phase } => self.on(*step, |step| {
                step.enter(*phase, at);
                step.tries = 0;
                step.note = Some(note.clone());
                step.checkpoint.clone_from(checkpoint);
            }),
            Event::RetryScheduled { step, error, .. } => self.on(*step, |step| {
                step.tries += 1;
                step.note = Some(error.clone());
            }),
            Event::StepSucceeded { step, output } => self.on(*step, |step| {
                step.standing = StepStatus::Succeeded;
                step.note = Some(output.note.clone());
                step.output = Some(output.clone());
                step.ended = Some(at);
            }),
            Event::StepFailed { step, message, answer, measured } => self.on(*step, |step| {
                step.standing = StepStatus::Failed;
                step.note = Some(message.clone());
                let (answer, measured) = (answer.clone(), measured.clone());
                step.output = Some(Output { answer, measured, ..Output::default() });
                step.ended = Some(at);
            }),
            Event::NotReverted { why } => {
                self.phase = Phase::Attention;
                self.on(self.current(), |step| {
                    let failure = step.note.take().unwrap_or_default();
                    step.note = Some(format!("{failure} {why}"));
                });
            }
            Event::CancelRequested { by } => self.cancel = Some(by.clone()),
            Event::NeedsAttention => self.phase = Phase::Attention,
            Event::RetryRequested { .. } => self.begin_again(),
            Event::Finished { ending } => self.phase = Phase::Finished(ending.clone()),
        }
    }

    fn on(&mut self, step: u32, change: impl FnOnce(&mut StepState)) {
        if let Some(step) = usize::try_from(step).ok().and_then(|step| self.steps.get_mut(step)) {
            change(step);
        }
    }

    /// Restarts the failed step and the step that it waited for. Both read Azure before they send anything.
    fn begin_again(&mut self) {
        let failed = usize::try_from(self.current()).unwrap_or_default();
        let waits = self.steps.get(failed).is_some_and(|step| step.kind == StepKind::Wait);
        let from = failed.saturating_sub(usize::from(waits));
        for step in self.steps.get_mut(from..=failed).into_iter().flatten() {
            // Keep the fact that something was sent.
            *step = StepState { sent: step.sent, ..StepState::pending(step.kind) };
        }
        self.phase = Phase::Running;
        self.cancel = None;
    }
}
