//! What follows from what a step found: an event that ends it, or when to look again.

use super::append;
use crate::azure;
use crate::operations::Runs;
use crate::operations::engine::DUE_MS_MAX;
use crate::operations::steps::Outcome;
use crate::patience::Patience;
use crate::store::leases::Grip;
use crate::store::runs::{AppendError, Run};
use app::domain::plan::step::StepKind;
use app::domain::run::measured::Measured;
use app::domain::run::state::StepState;
use app::domain::run::{Event, TRIES_MAX};
use app::domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause between two questions when Azure names none, in milliseconds.
const PAUSE_MS: i64 = 1_000;
/// Longest pause between two tries when Azure names none, in milliseconds.
const BACKOFF_MS_MAX: i64 = 30_000;
/// Longest that one step may wait for Azure in one process, in milliseconds: image builds and machine starts take
/// minutes. It is measured by what has passed: a clock that jumps fails no run.
const WAIT_MS_MAX: i64 = 3 * 60 * 60 * 1_000;

/// What follows from what a step found.
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
        // A write is turned into its outcome before this is asked.
        Ok(Outcome::Send(_)) => Ok(None),
        Ok(Outcome::Wait { after, checkpoint, note, phase }) => {
            // A bake has an end of its own.
            let is_bounded = state.kind == StepKind::Bake;
            let in_hand_ms = runs.memory.in_hand_ms(&run.operation.id, &runs.clock);
            let is_too_long = in_hand_ms > WAIT_MS_MAX && !is_bounded;
            if is_too_long {
                let message = format!(
                    "{note} It has been like this for three hours. Look at the endpoint in Azure; retry to \
                     go on waiting."
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
            // While tries are counted, the trouble is what the page tells.
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

/// Trouble passes, or it does not.
fn trouble(step: u32, tries: u32, error: &azure::Error, now: Timestamp) -> Event {
    let is_passing = error.is_passing() || matches!(error, azure::Error::Conflict(_));
    if !is_passing {
        return failed(step, format!("{error}."));
    }
    if tries >= TRIES_MAX {
        let message = format!(
            "Azure was asked {TRIES_MAX} times in a row without success ({error}). Look at the endpoint, then \
             retry, roll back or leave it."
        );
        return failed(step, message);
    }
    let backoff = (PAUSE_MS << tries.min(5)).min(BACKOFF_MS_MAX);
    let after = match error {
        azure::Error::Throttled { retry_after: Some(after) } => *after,
        _ => Duration::from_millis(u64::try_from(backoff).unwrap_or_default()),
    };
    let error = format!("{error}. It is tried again, after a look at what became of it.");
    Event::RetryScheduled { step, error, due: later(now, Some(after)) }
}
