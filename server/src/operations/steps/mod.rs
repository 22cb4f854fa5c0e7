//! What each kind of step looks at, one file each. A step changes nothing itself: it looks, and says what it
//! found. A step whose effect is there already is done; where one write would bring it about, it says
//! which, and [`super::advance`] writes the intent down and sends it.
//!
//! Azure may answer what was there before for a while (see `patience.rs`). So no step fails, skips its write, or
//! sends it again because of one read: it says that it is in doubt, and what it would do if the read was true;
//! that is done once reads in a row have said the same.

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

use super::doubt::Remembered;
use super::plan::step::Step;
use super::plan::{diff, open};
use crate::azure::{self, deployments, endpoints};
use crate::redact;
use crate::stages::Place;
use crate::store::evidence::Evidences;
use app::domain::endpoint::Deployment;
use app::domain::name::{DeploymentName, StageName};
use app::domain::plan::Difference;
use app::domain::plan::Subject;
use app::domain::provisioning::Phase;
use app::domain::route::Route;
use app::domain::run::measured::Measured;
use app::domain::run::state::StepState;
use app::domain::run::warrant::{Made, Warrant};
use app::domain::run::{ANSWER_CHARS_MAX, Output};
use app::domain::stage::{EndpointKey, Freeze};
use app::domain::text::{shortened, visible};
use app::domain::timestamp::Timestamp;
use serde_json::Value;
use std::time::Duration;
use write::Write;

/// What a step knows.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// The stage.
    pub place: &'a Place,
    /// The endpoint.
    pub at: &'a EndpointKey,
    /// The time.
    pub now: Timestamp,
    /// When the run began.
    pub begun: Timestamp,
    /// What this process remembers of this step.
    pub remembered: Remembered,
    /// What the journal says of this step.
    pub state: &'a StepState,
    /// What the step before it left behind.
    pub before: Option<&'a Output>,
    /// The steps before it.
    pub done: &'a [Step],
    /// All steps.
    pub all: &'a [Step],
    /// On what the run rests; `None` when an earlier version began it.
    pub warrant: Option<&'a Warrant>,
    /// What its first step found the live deployments to be made of.
    pub found: Option<&'a Made>,
    /// What the console itself sent to the endpoint.
    pub evidence: &'a Evidences,
}

/// What a step found.
#[derive(Debug)]
pub enum Outcome {
    /// Its effect is there.
    Done(Output),
    /// This write would bring it about.
    Send(Write),
    /// Azure is at work.
    Wait {
        /// When to look again, when Azure said so.
        after: Option<Duration>,
        /// Where Azure tells how it stands.
        checkpoint: Option<String>,
        /// For what it waits, in a sentence.
        note: String,
        /// How far a deployment's creation was seen to be.
        phase: Option<Phase>,
    },
    /// What was read contradicts what is known, and may be old.
    Doubt {
        /// What follows if it is true.
        verdict: Box<Outcome>,
        /// What is read again, in a sentence.
        note: String,
        /// Where Azure tells how an operation stands.
        checkpoint: Option<String>,
    },
    /// It will not come about by itself.
    Fail {
        /// What happened, which rule, what to do.
        message: String,
        /// Azure's raw answer.
        answer: Option<String>,
        /// What was measured until then.
        measured: Measured,
    },
}

/// Why this version cannot carry a step out; `None` when it can. Asked before a run starts.
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
                "{name} needs {open}, and that could not be looked up. Check that the console's identity may \
                 read the stage's workspace and monitoring resources, and plan again."
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

/// Looks.
///
/// # Errors
/// [`azure::Error`]: what passes is tried again, the rest fails the step.
pub async fn look(ctx: &Ctx<'_>, step: &Step) -> Result<Outcome, azure::Error> {
    match step {
        Step::Check { route, .. } => check::look(ctx, route.as_ref()).await,
        Step::PutEndpoint { body, .. } => put_endpoint::look(ctx, body).await,
        Step::PutDeployment { name, body, .. } => put_deployment::look(ctx, name, body).await,
        Step::SetRoute { before, after, .. } => set_route::look(ctx, before, after).await,
        Step::DeleteDeployment { name, .. } => delete_deployment::look(ctx, name).await,
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
    /// The endpoint; `None` when there is none.
    async fn endpoint(&self) -> Result<Option<endpoints::Read>, azure::Error> {
        match endpoints::get(&self.place.arm, &self.place.workspace, self.at).await {
            Ok(read) => Ok(Some(read)),
            Err(azure::Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A deployment with Azure's body of it; `None` when there is none.
    async fn deployment(
        &self,
        name: &DeploymentName,
    ) -> Result<Option<(Deployment, Value)>, azure::Error> {
        let (arm, workspace) = (&self.place.arm, &self.place.workspace);
        let read = deployments::get(arm, workspace, &self.at.endpoint, name).await?;
        Ok(read.map(|read| (read.deployment, read.body)))
    }

    /// Whether an endpoint is not as an earlier step of this run made it: what was read is from before.
    fn is_former(&self, body: &Value) -> bool {
        let made = self.done.iter().rev().find_map(|step| match step {
            Step::PutEndpoint { body, .. } => Some(body),
            _ => None,
        });
        let Some(made) = made else { return false };
        // The route is left out of it: a later step may have set it.
        let mut found = diff::compare(&Subject::Endpoint, body, made);
        found.retain(Difference::is_change);
        !found.is_empty()
    }

    /// What to say of an effect that is there.
    fn found(&self) -> String {
        match self.state.sent {
            true => "Azure has it: found by looking.".to_owned(),
            false => "It was so already; nothing was sent.".to_owned(),
        }
    }
}

/// The fields in which a deployment is not as asked.
fn unlike(name: &DeploymentName, live: &Value, desired: &Value) -> Vec<Difference> {
    let mut found = diff::compare(&Subject::Deployment(name.clone()), live, desired);
    found.retain(Difference::is_change);
    found
}

pub(super) fn fail(message: impl Into<String>, answer: &Value) -> Outcome {
    let (message, answer) = (message.into(), raw(answer));
    Outcome::Fail { message, answer, measured: Measured::default() }
}

/// What a step says that a freeze holds back.
#[must_use]
pub fn waits_for_thaw(stage: &StageName, Freeze { by, reason, .. }: &Freeze) -> Outcome {
    waiting(format!("{by} froze {stage}: {reason}. It goes on when that is over."))
}

/// Reads again before it does what follows from what was read.
fn doubt(note: impl Into<String>, verdict: Outcome) -> Outcome {
    Outcome::Doubt { verdict: Box::new(verdict), note: note.into(), checkpoint: None }
}

/// What this step has sent may have been carried out without showing yet: reads again before it sends it again.
/// Nothing is doubted where nothing was sent.
fn send(ctx: &Ctx<'_>, write: Write) -> Outcome {
    match ctx.remembered.may_have_sent {
        true => doubt(
            "It was sent, and Azure does not show it yet. It is read again before it is sent again.",
            Outcome::Send(write),
        ),
        false => Outcome::Send(write),
    }
}

/// Its effect is there. Where this step has sent nothing, that is read again before its write is left out: it may
/// be what was there before another change.
fn done(ctx: &Ctx<'_>, output: Output) -> Outcome {
    match ctx.state.sent {
        true => Outcome::Done(output),
        false => doubt(
            "It seems to be so already. It is read again before nothing is sent.",
            Outcome::Done(output),
        ),
    }
}

fn waiting(note: String) -> Outcome {
    Outcome::Wait { after: None, checkpoint: None, note, phase: None }
}

/// Azure's answer as it is kept: secrets hidden, long ones cut.
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

/// The last route that steps set; `None` when they set none.
#[must_use]
pub fn route_after(steps: &[Step]) -> Option<&Route> {
    steps.iter().rev().find_map(|step| match step {
        Step::SetRoute { after, .. } => Some(after),
        _ => None,
    })
}
