//! The kinds of steps, one file each. A step only reads, and returns an outcome: its effect exists, or one write would
//! produce the effect. [`super::advance`] appends the intent of that write, then sends it.
//!
//! Azure may return an outdated state for a while (see `patience.rs`). So no step fails, skips its write or sends it
//! again because of one read. The step returns a doubt with a verdict, which takes effect after enough consecutive
//! reads agree.

mod bake;
mod check;
mod consented;
mod delete_deployment;
mod put_alert;
mod put_deployment;
mod put_diagnostics;
mod put_endpoint;
mod set_route;
mod wait;
pub mod write;

use super::memory::Remembered;
use crate::azure::{self, deployments, endpoints};
use crate::planner::step::Step;
use crate::planner::{diff, open};
use crate::redact;
use crate::stages::StageContext;
use crate::store::evidence::Evidences;
use domain::endpoint::Deployment;
use domain::name::{DeploymentName, StageName};
use domain::plan::Difference;
use domain::plan::Subject;
use domain::provisioning::Phase;
use domain::run::measured::Measured;
use domain::run::state::StepState;
use domain::run::warrant::{Made, Warrant};
use domain::run::{ANSWER_CHARS_MAX, Output};
use domain::stage::{EndpointKey, Freeze};
use domain::text::{shortened, visible};
use domain::timestamp::Timestamp;
use serde_json::Value;
use std::time::Duration;
use write::Write;

/// The input of a step.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    pub place: &'a StageContext,
    pub at: &'a EndpointKey,
    pub now: Timestamp,
    pub begun: Timestamp,
    pub remembered: Remembered,
    /// The state of this step by the journal.
    pub state: &'a StepState,
    /// The output of the previous step.
    pub before: Option<&'a Output>,
    pub done: &'a [Step],
    pub all: &'a [Step],
    /// `None` when an earlier version began the run.
    pub warrant: Option<&'a Warrant>,
    /// The live deployments when the first step of the run read them.
    pub found: Option<&'a Made>,
    /// Has the console's own requests to the endpoint.
    pub evidence: &'a Evidences,
}

/// The result of a read.
#[derive(Debug)]
pub enum Outcome {
    /// The step's effect exists.
    Done(Output),
    /// This write would produce the effect.
    Send(Write),
    /// Azure is busy.
    Wait {
        /// The pause that Azure suggests.
        after: Option<Duration>,
        /// The URL of Azure's operation.
        checkpoint: Option<String>,
        /// The reason for waiting, in a sentence.
        note: String,
        /// The phase of a deployment's creation.
        phase: Option<Phase>,
    },
    /// The read contradicts the known state, and may be outdated.
    Doubt {
        /// The outcome if consecutive reads agree.
        verdict: Box<Outcome>,
        /// The reason for reading again, in a sentence.
        note: String,
        /// The URL of Azure's operation.
        checkpoint: Option<String>,
    },
    /// Only a person can help.
    Fail {
        /// What happened, what that means, and what to do.
        message: String,
        answer: Option<String>,
        measured: Measured,
    },
}

/// Why this version cannot carry out a step; `None` when it can. Checked before a run starts.
#[must_use]
pub fn refusal(step: &Step) -> Option<String> {
    let cannot = |what: &str| {
        Some(format!(
            "This plan would {what}, which the console cannot carry out yet. Use the team's workflow for it."
        ))
    };
    match step {
        Step::RunLoadTest { .. } => cannot("run a load test"),
        Step::BuildImage { .. } => cannot("build an image"),
        Step::PutEnvironment { .. } => cannot("register an environment"),
        Step::PutDiagnostics { name, body, .. } | Step::PutAlert { name, body, .. } => {
            let open = open::in_body(body)?;
            Some(format!(
                "{name} needs {open}, which could not be looked up. Check that the console's identity may read the \
                 stage's workspace and monitoring resources, then plan again."
            ))
        }
        Step::Check { .. }
        | Step::PutEndpoint { .. }
        | Step::PutDeployment { .. }
        | Step::SetRoute { .. }
        | Step::DeleteDeployment { .. }
        | Step::Wait { .. }
        | Step::Bake { .. } => None,
    }
}

/// Reads Azure for a step.
///
/// # Errors
/// [`azure::Error`]. Transient errors are retried; all others fail the step.
pub async fn look(ctx: &Ctx<'_>, step: &Step) -> Result<Outcome, azure::Error> {
    match step {
        Step::Check { route, .. } => check::look(ctx, route.as_ref()).await,
        Step::PutEndpoint { body, .. } => put_endpoint::look(ctx, body).await,
        Step::PutDeployment { name, body, .. } => put_deployment::look(ctx, name, body).await,
        Step::SetRoute { before, after, .. } => set_route::look(ctx, before, after).await,
        Step::DeleteDeployment { name, made_of, .. } => {
            delete_deployment::look(ctx, name, made_of.as_ref()).await
        }
        Step::Wait { until } => wait::look(ctx, until).await,
        Step::Bake { route, baking, .. } => bake::look(ctx, route, baking).await,
        Step::PutDiagnostics { name, body, .. } => put_diagnostics::look(ctx, name, body).await,
        Step::PutAlert { name, body, .. } => put_alert::look(ctx, name, body).await,
        Step::RunLoadTest { .. } | Step::BuildImage { .. } | Step::PutEnvironment { .. } => {
            Ok(fail(refusal(step).unwrap_or_default(), &Value::Null))
        }
    }
}

impl Ctx<'_> {
    /// Reads the endpoint; `None` when it does not exist.
    async fn endpoint(&self) -> Result<Option<endpoints::Read>, azure::Error> {
        match endpoints::get(&self.place.arm, &self.place.workspace, self.at).await {
            Ok(read) => Ok(Some(read)),
            Err(azure::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a deployment with Azure's own body; `None` when it does not exist.
    async fn deployment(
        &self,
        name: &DeploymentName,
    ) -> Result<Option<(Deployment, Value)>, azure::Error> {
        let (arm, workspace) = (&self.place.arm, &self.place.workspace);
        let read = deployments::get(arm, workspace, &self.at.endpoint, name).await?;
        Ok(read.map(|read| (read.deployment, read.body)))
    }

    /// Whether the read predates an earlier step of this run, which wrote the endpoint.
    fn is_former(&self, body: &Value) -> bool {
        let made = self.done.iter().rev().find_map(|step| match step {
            Step::PutEndpoint { body, .. } => Some(body),
            _ => None,
        });
        let Some(made) = made else { return false };
        // The comparison excludes the route, because a later step may have set it.
        let mut found = diff::compare(&Subject::Endpoint, body, made);
        found.retain(Difference::is_change);
        !found.is_empty()
    }

    /// The note for an existing effect.
    fn found(&self) -> String {
        match self.state.sent {
            true => "Azure shows the requested state, so nothing was sent again.".to_owned(),
            false => "Azure already had the requested state; nothing was sent.".to_owned(),
        }
    }
}

/// The fields in which a deployment differs from the requested body.
fn unlike(name: &DeploymentName, live: &Value, desired: &Value) -> Vec<Difference> {
    let mut found = diff::compare(&Subject::Deployment(name.clone()), live, desired);
    found.retain(Difference::is_change);
    found
}

pub(super) fn fail(message: impl Into<String>, answer: &Value) -> Outcome {
    let (message, answer) = (message.into(), raw(answer));
    Outcome::Fail { message, answer, measured: Measured::default() }
}

/// The outcome of a step that a freeze holds back.
#[must_use]
pub fn waits_for_thaw(stage: &StageName, Freeze { by, reason, .. }: &Freeze) -> Outcome {
    waiting(format!("{by} froze {stage}: {reason}. The run continues when the stage is unfrozen."))
}

/// Reads again before the verdict takes effect.
fn doubt(note: impl Into<String>, verdict: Outcome) -> Outcome {
    Outcome::Doubt { verdict: Box::new(verdict), note: note.into(), checkpoint: None }
}

/// Sends the write. If the step may have sent it before, Azure may have carried it out without showing it yet, so the
/// step reads again first.
fn send(ctx: &Ctx<'_>, write: Write) -> Outcome {
    match ctx.remembered.may_have_sent {
        true => doubt(
            "Azure does not show the requested state yet. The console reads again before it resends the request.",
            Outcome::Send(write),
        ),
        false => Outcome::Send(write),
    }
}

/// The step's effect exists. If the step has sent nothing, it reads again before it skips its write, because the read
/// may predate another change.
fn done(ctx: &Ctx<'_>, output: Output) -> Outcome {
    match ctx.state.sent {
        true => Outcome::Done(output),
        false => doubt(
            "Azure seems to have the requested state already. The console reads it again to be sure.",
            Outcome::Done(output),
        ),
    }
}

fn waiting(note: String) -> Outcome {
    Outcome::Wait { after: None, checkpoint: None, note, phase: None }
}

/// Azure's answer for the journal, without secrets, cut to [`ANSWER_CHARS_MAX`] characters.
#[must_use]
pub fn raw(answer: &Value) -> Option<String> {
    if answer.is_null() {
        return None;
    }
    let mut answer = answer.clone();
    redact::answer(&mut answer);
    let text = serde_json::to_string_pretty(&answer).unwrap_or_default();
    Some(shortened(&visible(&text), ANSWER_CHARS_MAX))
}
