//! Advances one job as far as possible: its state determines the next action, whose result is appended to the journal.

use super::steps::{self, Ctx, Outcome, Send};
use super::{Error, Jobs};
use crate::durable::Advanced;
use crate::durable::engine::DUE_MS_MAX;
use crate::durable::lease::SEND_WITHIN;
use crate::redact::{self, Values};
use crate::store::jobs::{AppendError, Job};
use crate::store::leases::Grip;
use domain::job::state::Todo;
use domain::job::{EVENTS_MAX, Event, JobId, Output};
use domain::timestamp::Timestamp;
use std::time::{Duration, Instant};

/// Number of events reserved for ending a job that loops.
const EVENTS_LEFT_MIN: u32 = 10;
/// Pause between two reads if nobody suggests one.
const PAUSE: Duration = Duration::from_millis(1_000);

/// Advances a job until it has to wait.
///
/// # Errors
/// If the store or the ledger fails. The next call continues at the same place.
pub async fn advance(jobs: &Jobs, id: &JobId) -> Result<Advanced, AppendError> {
    let advanced = advance_if_ours(jobs, id).await;
    if let Ok(Advanced::AtRest | Advanced::Elsewhere) = advanced {
        jobs.memory.forget(id);
    }
    advanced
}

async fn advance_if_ours(jobs: &Jobs, id: &JobId) -> Result<Advanced, AppendError> {
    let Some(job) = jobs.table.load(id).await?.filter(|job| job.state.is_running()) else {
        return Ok(Advanced::AtRest);
    };
    let Some(grip) = jobs.leases.grip(&Job::lease(&job.id)).await? else {
        return Ok(Advanced::Elsewhere);
    };
    let carrying = Box::pin(redact::within(Values::default(), carry_on(jobs, &grip, id)));
    match jobs.leases.hold(&grip, carrying).await {
        None | Some(Err(AppendError::Stale)) => {
            tracing::warn!(job = id.0, "another replica or a person has changed the job");
            Ok(Advanced::Elsewhere)
        }
        Some(result) => {
            jobs.leases.release(&grip).await;
            result
        }
    }
}

async fn carry_on(jobs: &Jobs, grip: &Grip, id: &JobId) -> Result<Advanced, AppendError> {
    // Load again under the lease: no other engine can append from here on.
    let Some(mut job) = jobs.table.load(id).await? else { return Ok(Advanced::AtRest) };
    loop {
        let event = match job.state.todo() {
            Todo::Nothing => return Ok(Advanced::AtRest),
            Todo::Begin(step) => Event::StepStarted { step },
            Todo::Finish(ending) => Event::Finished { ending },
            Todo::Carry(step) => match carry(jobs, grip, &mut job, step).await? {
                Some(event) => event,
                None => return Ok(Advanced::Paused),
            },
        };
        append(jobs, grip, &mut job, event).await?;
    }
}

async fn append(jobs: &Jobs, grip: &Grip, job: &mut Job, event: Event) -> Result<(), AppendError> {
    let now = jobs.clock.now();
    let due = match &event {
        Event::RetryScheduled { due, .. } => *due,
        _ => now,
    };
    jobs.table.append(grip, job, event, due, now).await?;
    if let Some(ending) = job.state.ending() {
        tracing::info!(id = job.id.0, ?ending, "job");
    }
    jobs.announce();
    Ok(())
}

/// Advances one step. Returns the event that ends the step; `None` when the step has to wait.
async fn carry(
    jobs: &Jobs,
    grip: &Grip,
    job: &mut Job,
    step: u32,
) -> Result<Option<Event>, AppendError> {
    let Some(state) = job.state.step(step).cloned() else { return Ok(None) };
    let failed = |message: String| Ok(Some(Event::StepFailed { step, message }));
    let Ok(place) = jobs.stages.get(&job.build.stage) else {
        let stage = &job.build.stage;
        return failed(format!(
            "The stage {stage} is no longer in the configuration. Add it again, then start the build again."
        ));
    };
    let Some(reader) = jobs.repository(&job.build.repository) else {
        let name = &job.build.repository;
        return failed(format!(
            "The repository {name} is no longer in the configuration. Add it again, then start the build again."
        ));
    };
    if job.state.events + EVENTS_LEFT_MIN > EVENTS_MAX {
        return failed("The job reached its limit of events. Start the build again.".to_owned());
    }
    let ctx = Ctx { jobs, grip, place, reader, job, step, state: &state, now: jobs.clock.now() };
    let mut outcome = steps::look(&ctx).await;
    if let Ok(Outcome::Send(send)) = outcome {
        outcome = self::send(jobs, grip, job, step, (place, reader), &send).await?;
    }
    conclude(jobs, grip, job, step, outcome).await
}

/// Appends the intent, then sends once. An intent that is too old is not sent, because another replica may have taken over.
async fn send(
    jobs: &Jobs,
    grip: &Grip,
    job: &mut Job,
    step: u32,
    (place, reader): steps::Places<'_>,
    send: &Send,
) -> Result<Result<Outcome, Error>, AppendError> {
    // Get the token first, so that nothing slow happens between the intent and the request.
    if let Err(error) = place.arm.token(&place.arm.cloud().arm_scope).await {
        return Ok(Err(error.into()));
    }
    let until = Instant::now() + SEND_WITHIN;
    append(jobs, grip, job, Event::StepSending { step }).await?;
    jobs.memory.sending(&job.id, step);
    let sent = send.send((place, reader), until).await;
    Ok(sent.map(Outcome::Done).map_err(Error::of_request))
}

/// Turns a step's outcome into an event that ends the step, or postpones the job.
async fn conclude(
    jobs: &Jobs,
    grip: &Grip,
    job: &mut Job,
    step: u32,
    outcome: Result<Outcome, Error>,
) -> Result<Option<Event>, AppendError> {
    let now = jobs.clock.now();
    let (tries, known) = match job.state.step(step) {
        Some(state) => (state.tries, (state.note.clone(), state.approvals.clone())),
        None => return Ok(None),
    };
    match outcome {
        Ok(Outcome::Done(output)) => Ok(Some(Event::StepSucceeded { step, output: plain(output) })),
        Ok(Outcome::Fail(message)) => {
            Ok(Some(Event::StepFailed { step, message: redact::text(&message) }))
        }
        // The caller replaces a request by its outcome.
        Ok(Outcome::Send(_)) => Ok(None),
        Ok(Outcome::Wait { note, approvals, after }) => {
            let note = redact::text(&note);
            if tries > 0 || known != (Some(note.clone()), approvals.clone()) {
                append(jobs, grip, job, Event::StepWaiting { step, note, approvals }).await?;
            }
            let after = i64::try_from(after.unwrap_or(PAUSE).as_millis()).unwrap_or(DUE_MS_MAX);
            let due = Timestamp(now.0.saturating_add(after.clamp(50, DUE_MS_MAX)));
            match jobs.table.postpone(grip, job, due).await? {
                true => Ok(None),
                false => Err(AppendError::Stale),
            }
        }
        // Another replica or a person has written.
        Err(Error::Store(error)) => Err(error),
        Err(error) => {
            tracing::warn!(id = job.id.0, step, %error, "a step of a job failed");
            match error.event(step, tries, now) {
                event @ Event::StepFailed { .. } => Ok(Some(event)),
                event => {
                    append(jobs, grip, job, event).await?;
                    Ok(None)
                }
            }
        }
    }
}

/// An output without secrets.
fn plain(output: Output) -> Output {
    let warnings = output.warnings.iter().map(|warning| redact::text(warning)).collect();
    Output { note: redact::text(&output.note), warnings, ..output }
}
