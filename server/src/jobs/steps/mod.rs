//! The steps of jobs, one file for each. A step only reads, and says which single request would produce its effect.

mod build;
mod check;
mod deploy;
mod dispatch;
mod find;
mod register;
mod schedule;
mod send;
mod upload;
mod workflow;

pub use check::{Layers, missing as missing_layer};
pub use register::{COMMIT_TAG, JOB_TAG};
pub use upload::NO_REGISTRY;

use super::{Error, Jobs};
use crate::releases::Reader;
use crate::stages::StageContext;
use crate::store::jobs::Job;
use crate::store::leases::Grip;
use domain::job::state::StepState;
use domain::job::{Approval, Output, StepKind};
use domain::timestamp::Timestamp;
use std::time::Duration;

pub use send::Send;

/// Where a job reads and writes: the stage and the repository.
pub type Places<'a> = (&'a StageContext, &'a Reader);

/// What a step sees.
#[derive(Debug)]
pub struct Ctx<'a> {
    pub jobs: &'a Jobs,
    pub grip: &'a Grip,
    pub place: &'a StageContext,
    pub reader: &'a Reader,
    pub job: &'a Job,
    /// The number of the step.
    pub step: u32,
    pub state: &'a StepState,
    pub now: Timestamp,
}

/// What a step found.
#[derive(Debug)]
pub enum Outcome {
    /// The step's effect exists.
    Done(Output),
    /// This request would produce the effect.
    Send(Send),
    /// Somebody else is busy.
    Wait {
        note: String,
        approvals: Vec<Approval>,
        /// When to read again; a second if `None`.
        after: Option<Duration>,
    },
    /// Trying again would not help: what happened, what it means and what to do.
    Fail(String),
}

impl Outcome {
    fn wait(note: impl Into<String>) -> Self {
        Self::Wait { note: note.into(), approvals: Vec::new(), after: None }
    }

    fn done(note: impl Into<String>, fact: domain::job::Fact) -> Self {
        Self::Done(Output { note: note.into(), facts: vec![fact], warnings: Vec::new() })
    }
}

impl Ctx<'_> {
    /// Whether a request of this step was sent, but its effect is not there, and it has been looked for long and often
    /// enough. No decision rests on a single read, because Azure and GitHub are eventually consistent.
    fn was_lost(&self) -> bool {
        let (clock, patience) = (&self.jobs.clock, self.place.patience);
        self.jobs.memory.missed(&self.job.id, self.step, clock, patience)
    }
}

/// Carries out a step up to its request.
///
/// # Errors
/// [`Error`]. The next call begins again.
pub async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    match ctx.state.kind {
        StepKind::Check => check::look(ctx).await,
        StepKind::Upload => upload::look(ctx).await,
        StepKind::Schedule => schedule::look(ctx).await,
        StepKind::Build => build::look(ctx).await,
        StepKind::Register => register::look(ctx).await,
        StepKind::Dispatch => dispatch::look(ctx).await,
        StepKind::Workflow => workflow::look(ctx).await,
        StepKind::Find => find::look(ctx).await,
        StepKind::Deploy => deploy::look(ctx).await,
    }
}
