//! The engine's loop: woken by a poke and by the next due time, it takes no input; what is in flight in the
//! store is what there is to do.

use super::Runs;
use super::advance::{Advanced, advance};
use crate::clock::{Clock, Passed};
use crate::store::runs::Open;
use app::domain::run::RunId;
use app::domain::timestamp::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
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
    let mut due = Dues::default();
    loop {
        let pause = match runs.table.open().await {
            Ok(open) => {
                announce_others(&runs, &open, &mut known);
                due.learn(&open, &runs.clock);
                begin_due(&runs, &open, &due, &mut work, &mut busy)
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
    dues: &Dues,
    work: &mut JoinSet<RunId>,
    busy: &mut BTreeSet<RunId>,
) -> i64 {
    let mut pause = TICK_MS_MAX;
    for one in open {
        let id = &one.operation.id;
        if busy.contains(id) || work.len() >= AT_ONCE_MAX {
            continue;
        }
        let left = dues.left(one, &runs.clock);
        if left <= 0 {
            busy.insert(id.clone());
            work.spawn(carry(Arc::clone(runs), id.clone()));
        } else {
            pause = pause.min(left);
        }
    }
    pause.clamp(TICK_MS_MIN, TICK_MS_MAX)
}

/// When runs are due, by what has passed since they were put off: the time of day may be set meanwhile.
#[derive(Debug, Default)]
struct Dues(BTreeMap<RunId, (Timestamp, Passed)>);

impl Dues {
    /// Notes for how long each run was put off.
    fn learn(&mut self, open: &[Open], clock: &Clock) {
        self.0.retain(|id, _| open.iter().any(|one| one.operation.id == *id));
        for one in open {
            let id = &one.operation.id;
            if self.0.get(id).is_none_or(|(due, _)| *due != one.due) {
                self.0.insert(id.clone(), (one.due, latest(one.due, clock)));
            }
        }
    }

    /// Milliseconds until a run is due, by whichever clock says so first.
    fn left(&self, one: &Open, clock: &Clock) -> i64 {
        let by_passed = self.0.get(&one.operation.id).map_or(0, |(_, at)| at.since(clock.passed()));
        left_by_day(one.due, clock.now()).min(by_passed)
    }
}

/// When a run is due at the latest.
fn latest(due: Timestamp, clock: &Clock) -> Passed {
    clock.passed().after(left_by_day(due, clock.now()))
}

/// A clock that jumped ahead asks once too early; what is due later than anything is ever put off was put off by
/// a clock that has been set back since.
fn left_by_day(due: Timestamp, now: Timestamp) -> i64 {
    let left = due.0.saturating_sub(now.0);
    if (1..=DUE_MS_MAX).contains(&left) { left } else { 0 }
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
        assert_eq!(left_by_day(minutes(0), minutes(0)), 0);
        assert_eq!(left_by_day(minutes(0), minutes(5)), 0);
        assert_eq!(left_by_day(minutes(5), minutes(0)), 5 * 60_000);
        // Put off for five minutes, and the clock was set back by ten.
        assert_eq!(left_by_day(minutes(15), minutes(0)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_delays_nothing() {
        let clock = Clock::manual(Timestamp(1_000_000_000));
        let at = latest(Timestamp(1_000_002_000), &clock);
        clock.jump(-5 * 60_000);
        clock.advance(2_000);
        assert_eq!(at.since(clock.passed()), 0);
        assert!(left_by_day(Timestamp(1_000_002_000), clock.now()) > 0);
    }
}
