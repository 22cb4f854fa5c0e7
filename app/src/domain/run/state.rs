//! How a run stands: the fold of its journal, and what is to be done next.

use super::warrant::Made;
use super::{EVENTS_MAX, Ending, Event, Illegal, Output, Recorded, TRIES_MAX, has_effect};
use crate::domain::plan::step::StepKind;
use crate::domain::route::Route;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::step::{Entered, Standing, StepState};

/// Where a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its journal is empty.
    New,
    /// It goes on by itself.
    Running,
    /// A step failed after something was sent; a person decides.
    Attention,
    /// It is over.
    Finished(Ending),
}

/// What the engine does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    /// Begin a step.
    Begin(u32),
    /// Carry a begun step on.
    Carry(u32),
    /// Write down what follows from a failed step.
    Stop,
    /// What baked was not good: set the route as it was before the run, by another one.
    Revert,
    /// End.
    Finish(Ending),
    /// Nothing: a person decides, or it is over.
    Nothing,
}

/// A run's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Where it is.
    pub phase: Phase,
    /// Its steps.
    pub steps: Vec<StepState>,
    /// Who wants it stopped.
    pub cancel: Option<String>,
    /// Events so far.
    pub events: u32,
    /// When the latest was written.
    pub at: Timestamp,
}

impl State {
    /// Before its first event.
    #[must_use]
    pub fn new(kinds: impl IntoIterator<Item = StepKind>) -> Self {
        let steps = kinds.into_iter().map(StepState::pending).collect();
        Self { phase: Phase::New, steps, cancel: None, events: 0, at: Timestamp(0) }
    }

    /// The fold of a journal.
    ///
    /// # Errors
    /// [`Illegal`], at the first move that is.
    pub fn fold<'a>(
        kinds: impl IntoIterator<Item = StepKind>,
        journal: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<Self, Illegal> {
        journal.into_iter().try_fold(Self::new(kinds), Self::next)
    }

    /// The step that is on, or next; its number is the count of steps when all are done.
    #[must_use]
    pub fn current(&self) -> u32 {
        let done = self.steps.iter().take_while(|step| step.standing == Standing::Succeeded);
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

    /// Whether the engine has it in hand.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// The route that the run has brought about so far, as it was read back.
    #[must_use]
    pub fn route(&self) -> Option<&Route> {
        let waits = self.steps.iter().rev().filter(|step| step.kind == StepKind::Wait);
        waits.filter_map(|step| step.output.as_ref()).find_map(|output| output.route.as_ref())
    }

    /// What its first step found the live deployments to be made of; `None` when that was not recorded.
    #[must_use]
    pub fn found(&self) -> Option<&Made> {
        let checked = self.steps.iter().find(|step| step.kind == StepKind::Check)?;
        checked.output.as_ref()?.made_of.as_ref()
    }

    /// Why the failed step failed.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.step(self.current()).filter(|s| s.standing == Standing::Failed)?.note.as_deref()
    }

    /// What is to be done now.
    #[must_use]
    pub fn todo(&self) -> Todo {
        if self.phase != Phase::Running {
            return Todo::Nothing;
        }
        let current = self.current();
        let Some(step) = self.step(current) else { return Todo::Finish(Ending::Succeeded) };
        match (step.standing, &self.cancel) {
            (Standing::Failed, _) if step.kind == StepKind::Bake && self.has_sent() => Todo::Revert,
            (Standing::Failed, _) => Todo::Stop,
            // What was sent is seen through.
            (_, Some(by)) if !step.sent && step.kind != StepKind::Wait => {
                Todo::Finish(Ending::Cancelled { by: by.clone() })
            }
            (Standing::Running, _) => Todo::Carry(current),
            _ => Todo::Begin(current),
        }
    }

    /// What follows from the failed step: something was sent, or the run is over.
    #[must_use]
    pub fn after_failure(&self) -> Event {
        let message = self.failure().unwrap_or("It failed.").to_owned();
        match self.has_sent() {
            true => Event::NeedsAttention,
            false => Event::Finished { ending: Ending::Failed { message } },
        }
    }

    /// The state after one more event.
    ///
    /// # Errors
    /// [`Illegal`]; then nothing of it may be written.
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

    /// The table of legal moves.
    fn may(&self, event: &Event) -> bool {
        let current = self.current();
        let on = |step: &u32, standing: Standing| {
            *step == current && self.step(current).is_some_and(|s| s.standing == standing)
        };
        let running = self.phase == Phase::Running;
        match event {
            Event::Requested => self.phase == Phase::New && !self.steps.is_empty(),
            Event::StepStarted { step } => self.todo() == Todo::Begin(*step),
            Event::StepSending { step } => {
                running
                    && on(step, Standing::Running)
                    && self.step(*step).is_some_and(|step| has_effect(step.kind))
            }
            Event::RetryScheduled { step, .. } => {
                running
                    && on(step, Standing::Running)
                    && self.step(*step).is_some_and(|step| step.tries < TRIES_MAX)
            }
            Event::StepWaiting { step, .. }
            | Event::StepSucceeded { step, .. }
            | Event::StepFailed { step, .. } => running && on(step, Standing::Running),
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
                step.standing = Standing::Running;
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
                step.standing = Standing::Succeeded;
                step.note = Some(output.note.clone());
                step.output = Some(output.clone());
                step.ended = Some(at);
            }),
            Event::StepFailed { step, message, answer, measured } => self.on(*step, |step| {
                step.standing = Standing::Failed;
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

    /// The failed step, and what it waited for, are done anew; both look before they do anything.
    fn begin_again(&mut self) {
        let failed = usize::try_from(self.current()).unwrap_or_default();
        let waits = self.steps.get(failed).is_some_and(|step| step.kind == StepKind::Wait);
        let from = failed.saturating_sub(usize::from(waits));
        for step in self.steps.get_mut(from..=failed).into_iter().flatten() {
            // That something was sent stays true.
            *step = StepState { sent: step.sent, ..StepState::pending(step.kind) };
        }
        self.phase = Phase::Running;
        self.cancel = None;
    }
}
