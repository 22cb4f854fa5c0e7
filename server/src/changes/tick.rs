//! What happens to changes by itself: those that waited too long expire, those whose time has come start,
//! those whose run has ended are closed, and those that wait are compared when their endpoint has changed.
//! The loop takes no input but the store and what was observed, so a restart is just its next tick.

use super::Changes;
use crate::store::changes::{ChangeError, News, Row};
use app::domain::change::event::{Ending, Event};
use app::domain::change::{ChangeId, State};
use app::domain::endpoint::Endpoint;
use app::domain::run;
use app::domain::run::state::Phase;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Longest pause between two ticks: clocks and other replicas tell nobody.
const TICK: Duration = Duration::from_millis(1_000);
/// Shortest, so that busy runs do not make it spin.
const PAUSE: Duration = Duration::from_millis(50);
/// How long to wait before a scheduled start that was refused is tried again, in milliseconds.
const AGAIN_MS: i64 = 10_000;

/// What this replica knows of a waiting change.
#[derive(Debug, Default)]
struct Known {
    /// The endpoint when it was last compared.
    compared: Option<Arc<Endpoint>>,
    /// When its scheduled start was last tried.
    tried: Option<Timestamp>,
}

/// Ticks for ever; abort the task.
pub async fn run(changes: Arc<Changes>) {
    let mut known = BTreeMap::new();
    let mut moved = changes.runs.subscribe();
    loop {
        moved.mark_unchanged();
        if let Err(error) = tick(&changes, &mut known).await {
            let causes = crate::console::error::chain(&error);
            tracing::error!(causes, "changes could not be looked after; trying again");
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
                wait(changes, row, known).await?
            }
            _ => close(changes, row).await?,
        };
    }
    if is_news {
        changes.refresh().await?;
    }
    Ok(())
}

/// Looks after a change that waits.
async fn wait(changes: &Changes, row: &Row, known: &mut Known) -> Result<bool, ChangeError> {
    let now = changes.runs.clock.now();
    // What cannot be undone is not done because a clock was set.
    let is_sure = !changes.runs.clock.has_jumped();
    if now >= row.change.expires && is_sure {
        return append(changes, &row.id, News::of_itself(Event::Expired)).await;
    }
    let Some(mut kept) = changes.table.load(&row.id).await? else { return Ok(false) };
    let has_lapsed = match changes.lapse(&mut kept).await {
        // Somebody else was faster: the next tick sees what they did.
        Err(ChangeError::Stale | ChangeError::Illegal(_)) => return Ok(false),
        lapsed => lapsed?,
    };
    let observed = changes
        .runs
        .stages
        .get(&row.at.stage)
        .ok()
        .and_then(|place| place.observer.now().endpoints.get(&row.at.endpoint).cloned());
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
        // It goes on waiting; its page says what stands in the way.
        Err(error) => {
            tracing::info!(%error, change = row.id.0, "a scheduled change cannot start yet");
            Ok(has_lapsed)
        }
    }
}

/// Closes a change whose run has come to rest. One that failed is told of first, and stays open while a person
/// may still go on with its run, or until it is told that it was rolled back.
async fn close(changes: &Changes, row: &Row) -> Result<bool, ChangeError> {
    let Some(id) = &row.change.run else { return Ok(false) };
    let Some(run) = changes.runs.table.load(id).await? else { return Ok(false) };
    let message = run.state.failure().unwrap_or("It failed.").to_owned();
    let is_told =
        row.change.state == State::Failed && row.change.trouble.as_ref() == Some(&message);
    let (ending, is_open) = match &run.state.phase {
        Phase::New | Phase::Running => return Ok(false),
        Phase::Attention if is_told => return Ok(false),
        Phase::Attention => (Ending::Failed { message }, true),
        // The policy rolled it back before anybody was told why.
        Phase::Finished(run::Ending::RolledBack { .. }) if !is_told => {
            (Ending::Failed { message }, true)
        }
        Phase::Finished(ending) => (closed(ending), false),
    };
    let news = News { is_open, ..News::of_itself(Event::Ended(ending)) };
    append(changes, &row.id, news).await
}

/// A run's end as the change's. Whoever leaves a failed run as it is has stopped the change.
fn closed(ending: &run::Ending) -> Ending {
    match ending {
        run::Ending::Succeeded => Ending::Succeeded,
        run::Ending::Failed { message } => Ending::Failed { message: message.clone() },
        run::Ending::Cancelled { .. } | run::Ending::Left { .. } => Ending::Cancelled,
        run::Ending::RolledBack { .. } => Ending::RolledBack,
    }
}

/// Appends what nobody asked for, unless somebody else was faster; whether it did.
async fn append(changes: &Changes, id: &ChangeId, news: News<'_>) -> Result<bool, ChangeError> {
    let Some(mut kept) = changes.table.load(id).await? else { return Ok(false) };
    match changes.table.append(&mut kept, news, changes.runs.clock.now()).await {
        Ok(()) => Ok(true),
        Err(ChangeError::Stale | ChangeError::Illegal(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
