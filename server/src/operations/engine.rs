//! The engine's loop: woken by a poke and by the next due time, it takes no input; what is in flight in the
//! store is what there is to do.

use super::Runs;
use super::advance::{Advanced, advance};
use crate::store::runs::Open;
use app::domain::run::RunId;
use app::domain::timestamp::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Longest that the loop sleeps without a poke, in milliseconds: a poke may be lost, and other replicas
/// poke only themselves.
const TICK_MS_MAX: i64 = 2_000;
/// Shortest, so that a store that fails is not asked in circles.
const TICK_MS_MIN: i64 = 20;
/// How soon to look again at a run that another replica has in hand, or that failed to be read or written.
const LATER: Duration = Duration::from_millis(1_000);
/// Longest that a run is ever put off, in milliseconds; one that is due later than that was put off by a
/// clock that has been set back since.
pub const DUE_MS_MAX: i64 = 600_000;
/// Runs carried on at once by one replica.
const AT_ONCE_MAX: usize = 64;

/// Carries runs on for ever; abort the task.
pub async fn run(runs: Arc<Runs>) {
    let mut work = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut known = Vec::new();
    loop {
        let pause = match runs.table.open().await {
            Ok(open) => {
                announce_others(&runs, &open, &mut known);
                begin_due(&runs, &open, &mut work, &mut busy)
            }
            Err(error) => {
                tracing::error!(%error, "the store cannot be read; trying again");
                TICK_MS_MAX
            }
        };
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = runs.poke.notified() => {}
            Some(done) = work.join_next() => match done {
                Ok(id) => _ = busy.remove(&id),
                // Nobody knows which one it was; all are looked at again, under their leases.
                Err(error) => {
                    tracing::error!(%error, "carrying a run on ended early");
                    busy.clear();
                }
            },
        }
    }
}

/// Begins to carry on what is due; returns how many milliseconds there are until the next is.
fn begin_due(
    runs: &Arc<Runs>,
    open: &[Open],
    work: &mut JoinSet<RunId>,
    busy: &mut BTreeSet<RunId>,
) -> i64 {
    let now = runs.clock.now();
    let mut pause = TICK_MS_MAX;
    for one in open {
        let id = &one.operation.id;
        if busy.contains(id) || work.len() >= AT_ONCE_MAX {
            continue;
        }
        if is_due(one.due, now) {
            busy.insert(id.clone());
            work.spawn(carry(Arc::clone(runs), id.clone()));
        } else {
            pause = pause.min(one.due.0 - now.0);
        }
    }
    pause.clamp(TICK_MS_MIN, TICK_MS_MAX)
}

/// A clock that jumped ahead asks once too early; one that was set back does not stop anything.
fn is_due(due: Timestamp, now: Timestamp) -> bool {
    !(now.0 + 1..=now.0.saturating_add(DUE_MS_MAX)).contains(&due.0)
}

/// Carries one run on until it has to wait. One that another has in hand, or that cannot be written, is
/// left alone for a moment.
async fn carry(runs: Arc<Runs>, id: RunId) -> RunId {
    match advance(&runs, &id).await {
        Ok(Advanced::Paused | Advanced::AtRest) => {}
        Ok(Advanced::Elsewhere) => tokio::time::sleep(LATER).await,
        Err(error) => {
            let causes = crate::console::error::chain(&error);
            tracing::error!(causes, run = id.0, "a run could not be carried on; trying again");
            tokio::time::sleep(LATER).await;
        }
    }
    id
}

/// Other replicas move runs too: their screens here must hear of it.
fn announce_others(runs: &Runs, open: &[Open], known: &mut Vec<(RunId, i64)>) {
    let now: Vec<_> = open.iter().map(|one| (one.operation.id.clone(), one.events)).collect();
    if now != *known {
        *known = now;
        runs.announce();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_stops_nothing() {
        let minutes = |minutes: i64| Timestamp(1_000_000_000 + minutes * 60_000);
        assert!(is_due(minutes(0), minutes(0)));
        assert!(is_due(minutes(0), minutes(5)));
        assert!(!is_due(minutes(5), minutes(0)));
        // Put off for five minutes, and the clock was set back by ten.
        assert!(is_due(minutes(15), minutes(0)));
    }
}
