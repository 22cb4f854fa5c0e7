//! Sends signed checkpoints of the ledger to a webhook whose receiver is outside the console operator's control. A
//! checkpoint is sent when the ledger has grown, at most once per interval. Only one is pending at a time; the next one
//! covers everything that was written in the meantime.

use super::Notify;
use crate::history::History;
use crate::history::SealError;
use crate::messages::Message;
use crate::messages::setup::{CHECKPOINTS, Checkpoints};
use crate::store::outbox::{self, Topic};
use domain::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Interval of the loop.
const TICK: Duration = Duration::from_millis(1_000);
/// Minimum pause after another checkpoint was found pending, in milliseconds.
const LATER_MS: i64 = 10_000;

/// What this replica knows, which saves queries.
#[derive(Debug, Default)]
struct Known {
    /// The size of the newest checkpoint in the outbox.
    size: u64,
    next: Option<Timestamp>,
}

/// Writes checkpoints into the outbox. Ends at once when no checkpoint webhook is configured; otherwise never returns,
/// so abort the task.
pub async fn run(notify: Arc<Notify>, history: Arc<History>) {
    let Some(checkpoints) = &notify.setup.checkpoints else { return };
    let mut known = Known::default();
    loop {
        if let Err(error) = look(&notify, checkpoints, &history, &mut known).await {
            tracing::error!(%error, "a checkpoint could not be written into the outbox");
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn look(
    notify: &Notify,
    checkpoints: &Checkpoints,
    history: &History,
    known: &mut Known,
) -> Result<(), SealError> {
    let now = notify.clock.now();
    // The second condition keeps a clock that was set back from delaying checkpoints.
    let is_early = |next: Timestamp| next > now && next.0 - now.0 <= checkpoints.every_ms;
    if known.next.is_some_and(is_early) || history.table.size().await? <= known.size {
        return Ok(());
    }
    let (size, note) = history.sign().await?;
    let mut tx = notify.outbox.begin().await?;
    // Another replica, or this one before a restart, may have written a checkpoint.
    if let Some(newest) = outbox::newest(&mut tx, CHECKPOINTS).await? {
        let next = Timestamp(newest.written.0.saturating_add(checkpoints.every_ms));
        let covered = size_of(&newest.message);
        if newest.is_waiting || is_early(next) || covered >= size {
            known.size = covered.min(size);
            known.next = Some(Timestamp(now.0.saturating_add(LATER_MS)).max(next));
            return Ok(tx.rollback().await?);
        }
    }
    let topic = format!("size {size}");
    let about = Topic { topic: &topic, subject: CHECKPOINTS };
    outbox::enter(&mut tx, CHECKPOINTS, about, &Message::Checkpoint { size, note }, now).await?;
    tx.commit().await?;
    *known = Known { size, next: Some(Timestamp(now.0.saturating_add(checkpoints.every_ms))) };
    Ok(())
}

fn size_of(message: &Message) -> u64 {
    match message {
        Message::Checkpoint { size, .. } => *size,
        Message::News(_) => 0,
    }
}
