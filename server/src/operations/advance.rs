//! Carrying one run on, as far as it goes now: what is to be done is told by its state, what was found is
//! appended. The only place where the engine writes to Azure.

mod conclude;

use super::Runs;
use super::lease::SEND_WITHIN;
use super::probe::Probed;
use super::revert::{Reverted, revert};
use super::steps::write::Write;
use super::steps::{self, Ctx, Outcome, raw};
use crate::azure::{self, operation};
use crate::redact;
use crate::stages::Place;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Run};
use app::domain::run::state::Todo;
use app::domain::run::{EVENTS_MAX, Event, Output, RunId};
use conclude::{conclude, failed};
use std::time::Instant;

/// Events that are kept for ending a run that goes in circles.
const EVENTS_LEFT_MIN: u32 = 10;

/// How far it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// It waits, until its due time.
    Paused,
    /// It is over, or a person decides.
    AtRest,
    /// Somebody else has it in hand.
    Elsewhere,
}

/// Carries a run on until it has to wait.
///
/// # Errors
/// When the store or the ledger fails: then nothing more is done, and asking again goes on where it was.
pub async fn advance(runs: &Runs, id: &RunId) -> Result<Advanced, AppendError> {
    let advanced = advance_if_ours(runs, id).await;
    if let Ok(Advanced::AtRest | Advanced::Elsewhere) = advanced {
        runs.probes.stop(id);
        runs.memory.forget(id);
    }
    advanced
}

async fn advance_if_ours(runs: &Runs, id: &RunId) -> Result<Advanced, AppendError> {
    let Some(run) = runs.table.load(id).await?.filter(|run| run.state.is_running()) else {
        return Ok(Advanced::AtRest);
    };
    let Some(grip) = runs.leases.grip(&run.operation.endpoint).await? else {
        return Ok(Advanced::Elsewhere);
    };
    // What it sends, Azure may repeat: in refusals, answers and logs.
    let known = run.secrets();
    let carrying = Box::pin(redact::within(known, carry_on(runs, &grip, id)));
    let carried = runs.leases.hold(&grip, carrying).await;
    match carried {
        None | Some(Err(AppendError::Stale)) => {
            tracing::warn!(run = id.0, "somebody else has taken the run over; letting go of it");
            Ok(Advanced::Elsewhere)
        }
        Some(result) => {
            runs.leases.release(&grip).await;
            result
        }
    }
}

async fn carry_on(runs: &Runs, grip: &Grip, id: &RunId) -> Result<Advanced, AppendError> {
    // Read under the lease: nobody else of the engine writes from here on.
    let Some(mut run) = runs.table.load(id).await? else { return Ok(Advanced::AtRest) };
    loop {
        let event = match run.state.todo() {
            Todo::Nothing => return Ok(Advanced::AtRest),
            Todo::Begin(step) => Event::StepStarted { step },
            Todo::Finish(ending) => Event::Finished { ending },
            Todo::Stop => run.state.after_failure(),
            Todo::Revert => match revert(runs, grip, &mut run).await? {
                Reverted::Begun => return Ok(Advanced::AtRest),
                Reverted::Later => return Ok(Advanced::Paused),
                Reverted::Refused(event) => *event,
            },
            Todo::Carry(step) => match carry(runs, grip, &mut run, step).await? {
                Some(next) => next,
                None => return Ok(Advanced::Paused),
            },
        };
        append(runs, grip, &mut run, event).await?;
    }
}

async fn append(runs: &Runs, grip: &Grip, run: &mut Run, event: Event) -> Result<(), AppendError> {
    let now = runs.clock.now();
    let due = match &event {
        Event::RetryScheduled { due, .. } => *due,
        _ => now,
    };
    let before = run.operation.progress.clone();
    runs.table.append(grip, run, event, due, now).await?;
    runs.announce();
    let operation = &run.operation;
    if operation.progress != before {
        tracing::info!(id = operation.id.0, progress = ?operation.progress, "run");
        if let Ok(place) = runs.stages.get(&operation.endpoint.stage) {
            place.observer.poke();
        }
    }
    Ok(())
}

/// Carries one step on. Returns the event that ends it; `None` when it has to wait.
async fn carry(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
    step: u32,
) -> Result<Option<Event>, AppendError> {
    let index = usize::try_from(step).unwrap_or(usize::MAX);
    let Some(state) = run.state.steps.get(index).cloned() else { return Ok(None) };
    let failed = |message: String| Ok(Some(failed(step, message)));
    let Ok(place) = runs.stages.get(&run.operation.endpoint.stage) else {
        let stage = &run.operation.endpoint.stage;
        return failed(format!(
            "The stage {stage} is no longer in the configuration. Put it back and retry."
        ));
    };
    if run.state.events + EVENTS_LEFT_MIN > EVENTS_MAX {
        return failed("It goes in circles. Look at the endpoint in Azure.".to_owned());
    }
    let before = index.checked_sub(1).and_then(|before| run.state.steps.get(before));
    let ctx = Ctx {
        place,
        at: &run.operation.endpoint,
        now: runs.clock.now(),
        begun: run.operation.started,
        remembered: runs.memory.turn(&run.operation.id, step, &state, &runs.clock),
        state: &state,
        before: before.and_then(|before| before.output.as_ref()),
        done: run.steps.get(..index).unwrap_or_default(),
        all: &run.steps,
        warrant: run.warrant.as_ref(),
        found: run.state.found(),
        evidence: &runs.evidence,
    };
    let Some(what) = run.steps.get(index) else { return Ok(None) };
    let probed = Probed::of(&run.state, step);
    // Before the look, so that it is under way when the route is sent; but not while that has to wait.
    if probed.is_sent() || state.note.is_none() {
        probed.begin(runs, &run.operation, place);
    }
    let looked = steps::look(&ctx, what).await;
    let id = &run.operation.id;
    let mut outcome = looked.map(|found| runs.memory.weigh(id, place.patience, found));
    if let Ok(Outcome::Send(write)) = outcome {
        probed.begin(runs, &run.operation, place);
        outcome = send(runs, grip, run, step, place, &write).await?;
    } else {
        probed.rest(runs, &run.operation.id);
    }
    let next = conclude(runs, grip, run, step, place.patience, &state, outcome).await?;
    Ok(next.map(|event| probed.told(runs, &run.operation.id, event)))
}

/// Writes the intent down, then sends, once. An intent that has grown old is not carried out, because somebody
/// else may have taken over: that is then a try without success, and the next append tells.
async fn send(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
    step: u32,
    place: &Place,
    write: &Write,
) -> Result<Result<Outcome, azure::Error>, AppendError> {
    // Fetched before, so that nothing slow stands between the intent and the write.
    if let Err(error) = place.arm.token(&place.arm.cloud().arm_scope).await {
        return Ok(Err(error));
    }
    let until = Instant::now() + SEND_WITHIN;
    let had_sent = run.state.step(step).is_some_and(|step| step.sent);
    match append(runs, grip, run, Event::StepSending { step }).await {
        Err(AppendError::Frozen(freeze)) => {
            let stage = &run.operation.endpoint.stage;
            return Ok(Ok(steps::waits_for_thaw(stage, &freeze)));
        }
        written => written?,
    }
    let sent = write.send(place, &run.operation.endpoint, until).await;
    runs.memory.sent(&run.operation.id, had_sent, sent.as_ref().err());
    let reply = match sent {
        Ok(reply) => reply,
        // Another change is under way: looking again tells whether it was ours.
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(Outcome::Done(Output {
        note: "Azure accepted it.".to_owned(),
        operation: operation::checkpoint(&reply),
        answer: raw(&reply.body),
        ..Output::default()
    })))
}
