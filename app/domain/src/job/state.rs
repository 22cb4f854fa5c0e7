//! The state of a job: the fold of its journal, and what to do next.

use super::{
    Approval, EVENTS_MAX, Ending, Event, Fact, Illegal, Output, Recorded, StepKind, TRIES_MAX,
};
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

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    pub kind: StepKind,
    pub status: StepStatus,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Whether a request may have been carried out.
    pub sent: bool,
    /// Whether one before the newest request may have been carried out.
    pub sent_before: bool,
    /// Consecutive failed tries.
    pub tries: u32,
    /// What the step waits for, found or failed at.
    pub note: Option<String>,
    /// The approvals that GitHub waits for.
    pub approvals: Vec<Approval>,
    pub output: Option<Output>,
}

impl StepState {
    fn pending(kind: StepKind) -> Self {
        Self {
            kind,
            status: StepStatus::Pending,
            started: None,
            ended: None,
            sent: false,
            sent_before: false,
            tries: 0,
            note: None,
            approvals: Vec::new(),
            output: None,
        }
    }
}

/// The phase of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the first event.
    New,
    Running,
    Finished(Ending),
}

/// The next action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    Nothing,
    Begin(u32),
    Carry(u32),
    Finish(Ending),
}

/// The state of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub phase: Phase,
    pub steps: Vec<StepState>,
    /// Who asked to cancel the job.
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
        let done = self.steps.iter().take_while(|step| step.status == StepStatus::Succeeded);
        u32::try_from(done.count()).unwrap_or(u32::MAX)
    }

    /// A step.
    #[must_use]
    pub fn step(&self, step: u32) -> Option<&StepState> {
        self.steps.get(usize::try_from(step).ok()?)
    }

    /// Whether the engine is carrying out the job.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    /// How the job ended.
    #[must_use]
    pub fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Finished(ending) => Some(ending),
            Phase::New | Phase::Running => None,
        }
    }

    /// The facts that the steps found, in their order.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        let outputs = self.steps.iter().filter_map(|step| step.output.as_ref());
        outputs.flat_map(|output| &output.facts)
    }

    /// The warnings of all steps.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        let outputs = self.steps.iter().filter_map(|step| step.output.as_ref());
        outputs.flat_map(|output| output.warnings.iter().map(String::as_str))
    }

    /// The registry's or GitHub's run.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.facts().find_map(|fact| match fact {
            Fact::Run { id, .. } => Some(id.as_str()),
            _ => None,
        })
    }

    /// The engine's next action.
    #[must_use]
    pub fn todo(&self) -> Todo {
        if self.phase != Phase::Running {
            return Todo::Nothing;
        }
        let current = self.current();
        let Some(step) = self.step(current) else { return Todo::Finish(Ending::Succeeded) };
        match (step.status, &self.cancel) {
            (StepStatus::Failed, Some(by)) => Todo::Finish(Ending::Cancelled { by: by.clone() }),
            (StepStatus::Failed, None) => {
                let message = step.note.clone().unwrap_or_else(|| "It failed.".to_owned());
                Todo::Finish(Ending::Failed { message })
            }
            // What may have been sent must be found first, so that it can be cancelled too.
            (_, Some(by)) if !step.sent && !step.kind.follows() => {
                Todo::Finish(Ending::Cancelled { by: by.clone() })
            }
            (StepStatus::Running, _) => Todo::Carry(current),
            _ => Todo::Begin(current),
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
        let runs = |step: &u32| {
            self.phase == Phase::Running
                && *step == self.current()
                && self.step(*step).is_some_and(|step| step.status == StepStatus::Running)
        };
        let of = |step: &u32| self.step(*step);
        match event {
            Event::Requested => self.phase == Phase::New && !self.steps.is_empty(),
            Event::StepStarted { step } => self.todo() == Todo::Begin(*step),
            Event::StepSending { step } => {
                runs(step) && of(step).is_some_and(|step| step.kind.has_effect())
            }
            Event::RetryScheduled { step, .. } => {
                runs(step) && of(step).is_some_and(|step| step.tries < TRIES_MAX)
            }
            Event::StepWaiting { step, .. }
            | Event::StepSucceeded { step, .. }
            | Event::StepFailed { step, .. } => runs(step),
            Event::CancelRequested { .. } => self.is_running() && self.cancel.is_none(),
            Event::Finished { ending } => self.todo() == Todo::Finish(ending.clone()),
        }
    }

    fn apply(&mut self, event: &Event) {
        let at = self.at;
        match event {
            Event::Requested => self.phase = Phase::Running,
            Event::StepStarted { step } => self.on(*step, |step| {
                step.status = StepStatus::Running;
                step.started = Some(at);
            }),
            Event::StepSending { step } => self.on(*step, |step| {
                step.sent_before = step.sent;
                step.sent = true;
            }),
            Event::StepWaiting { step, note, approvals } => self.on(*step, |step| {
                step.tries = 0;
                step.note = Some(note.clone());
                step.approvals.clone_from(approvals);
            }),
            Event::RetryScheduled { step, error, refused, .. } => self.on(*step, |step| {
                step.tries += 1;
                if *refused {
                    step.sent = step.sent_before;
                }
                step.note = Some(error.clone());
            }),
            Event::StepSucceeded { step, output } => self.on(*step, |step| {
                step.status = StepStatus::Succeeded;
                step.approvals.clear();
                step.tries = 0;
                step.note = Some(output.note.clone());
                step.output = Some(output.clone());
                step.ended = Some(at);
            }),
            Event::StepFailed { step, message } => self.on(*step, |step| {
                step.status = StepStatus::Failed;
                step.approvals.clear();
                step.note = Some(message.clone());
                step.ended = Some(at);
            }),
            Event::CancelRequested { by } => self.cancel = Some(by.clone()),
            Event::Finished { ending } => self.phase = Phase::Finished(ending.clone()),
        }
    }

    fn on(&mut self, step: u32, change: impl FnOnce(&mut StepState)) {
        if let Some(step) = usize::try_from(step).ok().and_then(|step| self.steps.get_mut(step)) {
            change(step);
        }
    }
}
