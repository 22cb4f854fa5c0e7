//! The engine's loop: woken by a poke and by the next due time, it takes no input; what is open in the
//! store is what there is to do.

use super::Operations;
use super::settle;
use crate::store::ledger::LedgerError;
use app::domain::timestamp::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Longest that the loop sleeps without a poke, in milliseconds: a poke may be lost.
const TICK_MS_MAX: i64 = 5_000;

/// Advances open operations for ever; abort the task.
pub async fn run(operations: Arc<Operations>) {
    loop {
        let pause = match tick(&operations).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "the store cannot be read; trying again");
                TICK_MS_MAX
            }
        };
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = operations.poke.notified() => {}
        }
    }
}

/// Advances every operation that is due by one question to Azure; returns how many milliseconds there
/// are until the next is due.
///
/// # Errors
/// When the store fails.
pub async fn tick(operations: &Operations) -> Result<i64, LedgerError> {
    let now = operations.clock.now();
    let mut next = Timestamp(now.0 + TICK_MS_MAX);
    for open in operations.table.open().await? {
        // Begun a moment ago and being sent by its own request.
        let is_being_sent = settle::is_being_sent(&open, operations.process_start, now);
        if open.due > now || is_being_sent {
            let due = if is_being_sent { Timestamp(now.0 + 1000) } else { open.due };
            next = next.min(due);
            continue;
        }
        let id = open.operation.id.0.clone();
        let before = open.operation.clone();
        let after = settle::advance(operations, open).await;
        next = next.min(after.due);
        operations.table.save(&after).await?;
        if after.operation != before {
            tracing::info!(id, progress = ?after.operation.progress, "operation");
            operations.announce();
            if let Ok(place) = operations.stages.get(&after.operation.endpoint.stage) {
                place.observer.poke();
            }
        }
    }
    Ok((next.0 - operations.clock.now().0).clamp(20, TICK_MS_MAX))
}
