//! Advances one run as far as possible: its state determines the next action, whose result is appended to the journal.
//! The engine writes to Azure only here.

mod conclude;

use super::Runs;
use super::automatic_roll_back::{Reverted, revert};
use super::probe::Probed;
use super::steps::write::Write;
use super::steps::{self, Ctx, Outcome, raw};
use crate::azure::{self, operation};
use crate::durable::Advanced;
use crate::durable::lease::SEND_WITHIN;
use crate::redact;
use crate::stages::StageContext;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Run};
use conclude::{conclude, failed};
use domain::run::state::Todo;
use domain::run::{EVENTS_MAX, Event, Output, RunId};
use domain::stage::EndpointKey;
use std::time::Instant;

/// Number of events reserved for ending a run that loops.
const EVENTS_LEFT_MIN: u32 = 10;

/// Advances a run until it has to wait.
///
/// # Errors
/// If the store or the ledger fails. The next call continues at the same place.
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
    let Some(grip) = runs.leases.grip(&run.operation.target.key()).await? else {
        return Ok(Advanced::Elsewhere);
    };
    // Azure may repeat the secrets of the run in errors, answers and logs.
    let known = run.secrets();
    let carrying = Box::pin(redact::within(known, carry_on(runs, &grip, id)));
    let carried = runs.leases.hold(&grip, carrying).await;
    match carried {
        None | Some(Err(AppendError::Stale)) => {
            tracing::warn!(
                run = id.0,
                "another replica has taken over the run; this one stops advancing it"
            );
            Ok(Advanced::Elsewhere)
        }
        Some(result) => {
            runs.leases.release(&grip).await;
            result
        }
    }
}

async fn carry_on(runs: &Runs, grip: &Grip, id: &RunId) -> Result<Advanced, AppendError> {
    // Load again under the lease: no other engine can append from here on.
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
        if let Ok(place) = runs.stages.get(operation.target.stage()) {
            place.observer.poke();
        }
    }
    Ok(())
}

/// Advances one step. Returns the event that ends the step; `None` when the step has to wait.
async fn carry(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
    step: u32,
) -> Result<Option<Event>, AppendError> {
    let index = usize::try_from(step).unwrap_or(usize::MAX);
    let Some(state) = run.state.steps.get(index).cloned() else { return Ok(None) };
    let failed = |message: String| Ok(Some(failed(step, message)));
    let target = run.operation.target.clone();
    let Some(at) = target.endpoint() else {
        return failed(format!(
            "This version of the console has no steps for {target}. Update it, then retry."
        ));
    };
    let Ok(place) = runs.stages.get(&at.stage) else {
        let stage = &at.stage;
        return failed(format!(
            "The stage {stage} is no longer in the configuration. Add it again, then retry."
        ));
    };
    if run.state.events + EVENTS_LEFT_MIN > EVENTS_MAX {
        return failed("The run reached its event limit. Check the endpoint in Azure.".to_owned());
    }
    let before = index.checked_sub(1).and_then(|before| run.state.steps.get(before));
    let ctx = Ctx {
        place,
        at,
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
    // Start before the read, so that probing is under way when the route is sent, but not while the step waits.
    if probed.is_sent() || state.note.is_none() {
        probed.begin(runs, (&run.operation.id, at), place);
    }
    let looked = steps::look(&ctx, what).await;
    let id = &run.operation.id;
    let mut outcome = looked.map(|found| runs.memory.weigh(id, place.patience, found));
    if let Ok(Outcome::Send(write)) = outcome {
        probed.begin(runs, (&run.operation.id, at), place);
        outcome = send(runs, grip, run, step, (place, at), &write).await?;
    } else {
        probed.rest(runs, &run.operation.id);
    }
    let next = conclude(runs, grip, run, step, place.patience, &state, outcome).await?;
    Ok(next.map(|event| probed.told(runs, &run.operation.id, event)))
}

/// Appends the intent, then sends once. An intent that is too old is not sent, because another replica may have taken
/// over: the attempt then counts as failed, and the next append shows whether this replica still holds the lease.
async fn send(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
    step: u32,
    (place, at): (&StageContext, &EndpointKey),
    write: &Write,
) -> Result<Result<Outcome, azure::Error>, AppendError> {
    // Get the token first, so that nothing slow happens between the intent and the write.
    if let Err(error) = place.arm.token(&place.arm.cloud().arm_scope).await {
        return Ok(Err(error));
    }
    let until = Instant::now() + SEND_WITHIN;
    let had_sent = run.state.step(step).is_some_and(|step| step.sent);
    match append(runs, grip, run, Event::StepSending { step }).await {
        Err(AppendError::Frozen(freeze)) => {
            return Ok(Ok(steps::waits_for_thaw(&at.stage, &freeze)));
        }
        written => written?,
    }
    let sent = write.send(place, at, until).await;
    runs.memory.sent(&run.operation.id, had_sent, sent.as_ref().err());
    let reply = match sent {
        Ok(reply) => reply,
        // In a conflict another change is under way. The next read shows whether it is this run's.
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(Outcome::Done(Output {
        note: "Azure accepted the request.".to_owned(),
        operation: operation::checkpoint(&reply),
        answer: raw(&reply.body),
        ..Output::default()
    })))
}
