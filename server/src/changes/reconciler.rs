//! Scheduled work on changes: expires old ones, starts those whose time has come, closes those whose run has ended,
//! and plans pending ones again when their endpoint has changed. The loop's only inputs are the store and the
//! observations, so a restart loses nothing.

use super::Changes;
use crate::store::changes::{ChangeError, News, Row};
use app::error::ConsoleError;
use domain::change::event::{Ending, Event};
use domain::change::{ChangeId, State};
use domain::endpoint::Endpoint;
use domain::run;
use domain::run::state::Phase;
use domain::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Maximum pause between two ticks: neither the clock nor another replica can wake the loop.
const TICK: Duration = Duration::from_millis(1_000);
/// Minimum pause between two ticks, so that a busy run does not make the loop spin.
const PAUSE: Duration = Duration::from_millis(50);
/// Pause before a rejected scheduled start is retried, in milliseconds.
const AGAIN_MS: i64 = 10_000;

/// What this replica remembers about a pending change.
#[derive(Debug, Default)]
struct Known {
    /// The endpoint at the latest comparison.
    compared: Option<Arc<Endpoint>>,
    /// When the scheduled start was last attempted.
    tried: Option<Timestamp>,
}

/// Ticks forever. To stop it, abort the task.
pub async fn run(changes: Arc<Changes>) {
    let mut known = BTreeMap::new();
    let mut moved = changes.runs.subscribe();
    loop {
        moved.mark_unchanged();
        if let Err(error) = Box::pin(tick(&changes, &mut known)).await {
            let causes = crate::error::chain(&error);
            tracing::error!(causes, "scheduled work on changes failed and is retried");
        }
        tokio::time::sleep(PAUSE).await;
        let _ = tokio::time::timeout(TICK, moved.changed()).await;
    }
}

async fn tick(changes: &Changes, known: &mut BTreeMap<ChangeId, Known>) -> Result<(), ChangeError> {
    let open = changes.refresh().await?;
    known.retain(|id, _| open.iter().any(|row| row.id == *id));
    let mut is_news = false;
    for row in open.iter() {
        is_news |= match row.change.state {
            state if state.is_waiting() => {
                let known = known.entry(row.id.clone()).or_default();
                Box::pin(wait(changes, row, known)).await?
            }
            _ => close(changes, row).await?,
        };
    }
    if is_news {
        changes.refresh().await?;
    }
    Ok(())
}

/// Expires, compares or starts a pending change. Returns whether anything was written.
async fn wait(changes: &Changes, row: &Row, known: &mut Known) -> Result<bool, ChangeError> {
    let now = changes.runs.clock.now();
    // Expiry and start cannot be undone, so they do not rely on a clock that has jumped.
    let is_sure = !changes.runs.clock.has_jumped();
    if now >= row.change.expires && is_sure {
        return append(changes, &row.id, News::of_itself(Event::Expired)).await;
    }
    if let Some(event) = superseded(changes, row).await? {
        return append(changes, &row.id, News::of_itself(event)).await;
    }
    let Some(mut kept) = changes.table.load(&row.id).await? else { return Ok(false) };
    let has_lapsed = match changes.lapse(&mut kept).await {
        // Somebody else wrote first: the next tick sees the new state.
        Err(ChangeError::Stale | ChangeError::Illegal(_)) => return Ok(false),
        lapsed => lapsed?,
    };
    let observed = row.target.endpoint().and_then(|at| {
        let place = changes.runs.stages.get(&at.stage).ok()?;
        place.observer.now().endpoints.get(&at.endpoint).cloned()
    });
    let is_other = observed.is_some() && known.compared != observed;
    if is_other && changes.compare(&mut kept).await.is_ok() {
        known.compared = observed;
    }
    let is_due = kept.change.state == State::Approved
        && is_sure
        && kept.change.start.is_some_and(|start| start <= now)
        && known.tried.is_none_or(|tried| now.0.abs_diff(tried.0) >= AGAIN_MS.unsigned_abs());
    if !is_due {
        return Ok(has_lapsed);
    }
    known.tried = Some(now);
    match changes.start_due(kept).await {
        Ok(()) => Ok(true),
        Err(error @ ConsoleError::Internal { .. }) => {
            tracing::error!(%error, change = row.id.0, "a scheduled change did not start");
            Ok(has_lapsed)
        }
        // The change stays pending, and its page shows the reason.
        Err(error) => {
            tracing::info!(%error, change = row.id.0, "a scheduled change cannot start yet");
            Ok(has_lapsed)
        }
    }
}

/// The event that closes a change which a run begun by broken glass has applied. A run that failed leaves the change
/// pending.
async fn superseded(changes: &Changes, row: &Row) -> Result<Option<Event>, ChangeError> {
    for broken in changes.glass.of_change(&row.target, &row.id).await? {
        let Some(run) = changes.runs.table.load(&broken.run).await? else { continue };
        if run.state.phase == Phase::Finished(run::Ending::Succeeded) {
            return Ok(Some(Event::Superseded { by: broken.by, run: broken.run }));
        }
    }
    Ok(None)
}

/// Closes a change whose run has ended. A failure is first written as an event of its own, and the change stays open
/// while a person can still retry its run, or until the roll-back is written.
async fn close(changes: &Changes, row: &Row) -> Result<bool, ChangeError> {
    let Some(id) = &row.change.run else { return Ok(false) };
    let Some(run) = changes.runs.table.load(id).await? else { return Ok(false) };
    let message = run.state.failure().unwrap_or("It failed.").to_owned();
    let is_known =
        row.change.state == State::Failed && row.change.trouble.as_ref() == Some(&message);
    let (ending, is_open) = match &run.state.phase {
        Phase::New | Phase::Running => return Ok(false),
        Phase::Attention if is_known => return Ok(false),
        Phase::Attention => (Ending::Failed { message }, true),
        // The policy rolled the run back before its failure was written.
        Phase::Finished(run::Ending::RolledBack { .. }) if !is_known => {
            (Ending::Failed { message }, true)
        }
        Phase::Finished(ending) => (closed(ending), false),
    };
    let news = News { is_open, ..News::of_itself(Event::Ended(ending)) };
    append(changes, &row.id, news).await
}

/// Maps a run's ending to the change's. Closing a failed run cancels the change.
fn closed(ending: &run::Ending) -> Ending {
    match ending {
        run::Ending::Succeeded => Ending::Succeeded,
        run::Ending::Failed { message } => Ending::Failed { message: message.clone() },
        run::Ending::Cancelled { .. } | run::Ending::Left { .. } => Ending::Cancelled,
        run::Ending::RolledBack { .. } => Ending::RolledBack,
    }
}

/// Appends an event of the console itself, unless somebody else wrote first. Returns whether it was appended.
async fn append(changes: &Changes, id: &ChangeId, news: News<'_>) -> Result<bool, ChangeError> {
    let Some(mut kept) = changes.table.load(id).await? else { return Ok(false) };
    match changes.table.append(&mut kept, news, changes.runs.clock.now()).await {
        Ok(()) => Ok(true),
        Err(ChangeError::Stale | ChangeError::Illegal(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
