//! Signed checkpoints of the ledger, for a place where the console's keeper cannot write: when the ledger has
//! grown, and at most so often. One is under way at a time; the next covers all that was written meanwhile.

use super::Notify;
use super::news::Message;
use super::setup::{CHECKPOINTS, Checkpoints};
use crate::history::{History, SealError};
use crate::store::outbox::{self, Topic};
use app::domain::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two looks.
const TICK: Duration = Duration::from_millis(1_000);
/// When to look again while one is under way, in milliseconds.
const LATER_MS: i64 = 10_000;

/// What this replica knows, so that it does not ask in vain.
#[derive(Debug, Default)]
struct Known {
    /// The size up to which a checkpoint has been written down.
    size: u64,
    /// When to look next.
    next: Option<Timestamp>,
}

/// Writes checkpoints into the outbox for ever; abort the task. Ends at once when no webhook takes them.
pub async fn run(notify: Arc<Notify>, history: Arc<History>) {
    let Some(checkpoints) = &notify.setup.checkpoints else { return };
    let mut known = Known::default();
    loop {
        if let Err(error) = look(&notify, checkpoints, &history, &mut known).await {
            tracing::error!(%error, "a checkpoint could not be written down for its webhook");
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
    // A clock that was set back stops nothing.
    let is_early = |next: Timestamp| next > now && next.0 - now.0 <= checkpoints.every_ms;
    if known.next.is_some_and(is_early) || history.table.size().await? <= known.size {
        return Ok(());
    }
    let (size, note) = history.sign().await?;
    let mut tx = notify.outbox.begin().await?;
    // Other replicas, and this one before a restart, may have been here.
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
