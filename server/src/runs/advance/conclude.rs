//! Turns a step's outcome into an event that ends the step, or postpones the run.

use super::append;
use crate::azure;
use crate::durable::engine::DUE_MS_MAX;
use crate::patience::Patience;
use crate::runs::Runs;
use crate::runs::steps::Outcome;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Run};
use domain::plan::step::StepKind;
use domain::run::measured::Measured;
use domain::run::state::StepState;
use domain::run::{Event, TRIES_MAX};
use domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause between two reads if Azure does not suggest one, in milliseconds.
const PAUSE_MS: i64 = 1_000;
/// Maximum pause between two attempts if Azure does not suggest one, in milliseconds.
const BACKOFF_MS_MAX: i64 = 30_000;
/// Maximum time that one step may wait for Azure in one process, in milliseconds. Image builds and machine starts take
/// minutes. Measured by the monotonic clock, so a clock that jumps fails no run.
const WAIT_MS_MAX: i64 = 3 * 60 * 60 * 1_000;

/// Returns the event that ends the step; `None` after postponing the run.
pub(super) async fn conclude(
    runs: &Runs,
    grip: &Grip,
    run: &mut Run,
    step: u32,
    patience: Patience,
    state: &StepState,
    outcome: Result<Outcome, azure::Error>,
) -> Result<Option<Event>, AppendError> {
    let now = runs.clock.now();
    match outcome {
        Ok(Outcome::Done(output)) => Ok(Some(Event::StepSucceeded { step, output })),
        Ok(Outcome::Fail { message, answer, measured }) => {
            Ok(Some(Event::StepFailed { step, message, answer, measured }))
        }
        // The caller replaces a write by its outcome.
        Ok(Outcome::Send(_)) => Ok(None),
        Ok(Outcome::Wait { after, checkpoint, note, phase }) => {
            // A bake has its own limit.
            let is_bounded = state.kind == StepKind::Bake;
            let in_hand_ms = runs.memory.in_hand_ms(&run.operation.id, &runs.clock);
            let is_too_long = in_hand_ms > WAIT_MS_MAX && !is_bounded;
            if is_too_long {
                let message = format!(
                    "{note} This has not changed for three hours. Check the endpoint in Azure. To continue \
                     waiting, retry."
                );
                return Ok(Some(failed(step, message)));
            }
            let is_news = state.tries > 0
                || state.note.as_ref() != Some(&note)
                || state.checkpoint != checkpoint
                || phase > state.phases.last().map(|entered| entered.phase);
            if is_news {
                append(runs, grip, run, Event::StepWaiting { step, note, checkpoint, phase })
                    .await?;
            }
            postpone(runs, grip, run, later(now, after)).await
        }
        Ok(Outcome::Doubt { note, checkpoint, .. }) => {
            // During retries, the page shows the error instead of this note.
            let is_news = state.note.as_ref() != Some(&note) || state.checkpoint != checkpoint;
            if is_news && state.tries == 0 {
                let event = Event::StepWaiting { step, note, checkpoint, phase: None };
                append(runs, grip, run, event).await?;
            }
            postpone(runs, grip, run, later(now, Some(patience.pause()))).await
        }
        Err(error) => {
            let event = trouble(step, state.tries, &error, now);
            let is_over = matches!(event, Event::StepFailed { .. });
            if is_over {
                return Ok(Some(event));
            }
            append(runs, grip, run, event).await?;
            Ok(None)
        }
    }
}

async fn postpone(
    runs: &Runs,
    grip: &Grip,
    run: &Run,
    due: Timestamp,
) -> Result<Option<Event>, AppendError> {
    match runs.table.postpone(grip, run, due).await? {
        true => Ok(None),
        false => Err(AppendError::Stale),
    }
}

fn later(now: Timestamp, after: Option<Duration>) -> Timestamp {
    let asked = after.and_then(|after| i64::try_from(after.as_millis()).ok());
    Timestamp(now.0.saturating_add(asked.unwrap_or(PAUSE_MS).clamp(50, DUE_MS_MAX)))
}

pub(super) fn failed(step: u32, message: String) -> Event {
    Event::StepFailed { step, message, answer: None, measured: Measured::default() }
}

/// Schedules a retry after a transient error; fails the step after any other error.
fn trouble(step: u32, tries: u32, error: &azure::Error, now: Timestamp) -> Event {
    let is_passing = error.is_passing() || matches!(error, azure::Error::Conflict(_));
    if !is_passing {
        return failed(step, format!("{error}."));
    }
    if tries >= TRIES_MAX {
        let message = format!(
            "{TRIES_MAX} requests to Azure failed in a row ({error}). Check the endpoint in Azure, then retry, roll \
             back or close the run."
        );
        return failed(step, message);
    }
    let backoff = (PAUSE_MS << tries.min(5)).min(BACKOFF_MS_MAX);
    let after = match error {
        azure::Error::Throttled { retry_after: Some(after) } => *after,
        _ => Duration::from_millis(u64::try_from(backoff).unwrap_or_default()),
    };
    let error = format!("{error}. The console reads the endpoint, then retries.");
    Event::RetryScheduled { step, error, due: later(now, Some(after)) }
}
