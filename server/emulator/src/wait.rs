//! Waits for the phases of an operation. A phase ends at a time counted from the operation's start.

use std::time::Duration;

use time::OffsetDateTime;

use crate::inner::Inner;
use crate::state::Operation;
use crate::when;

/// Sleeps until `seconds` after the operation's start, at the emulator's speed.
pub async fn after(inner: &Inner, operation: &Operation, seconds: f64) {
    after_exactly(inner, operation, inner.pace.seconds(seconds)).await;
}

/// Like [`after`], but at normal speed, because a higher speed does not shorten a stuck deployment.
pub async fn after_exactly(inner: &Inner, operation: &Operation, duration: Duration) {
    let start = when::parse(&operation.started_at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    inner.agenda.sleep_until(&operation.id, &inner.clock, start + duration).await;
}
