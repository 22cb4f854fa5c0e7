//! The loop that carries out durable work: runs and jobs. Its only input is the store: it advances what is in progress
//! there. A poke or the next due time wakes it.

use super::{Advanced, Durable, Open};
use crate::clock::{Clock, Passed};
use domain::timestamp::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Maximum sleep without a poke, in milliseconds. A poke may be lost, and other replicas poke only themselves.
const TICK_MS_MAX: i64 = 2_000;
/// Minimum sleep in milliseconds, so that the loop does not spin while the store fails.
const TICK_MS_MIN: i64 = 20;
/// Pause before the next look at work that another replica holds, or that could not be read or written.
const LATER: Duration = Duration::from_millis(1_000);
/// Maximum time that work is postponed, in milliseconds. If it is due later, the clock has been set back since.
pub const DUE_MS_MAX: i64 = 600_000;
/// Maximum number of runs, or of jobs, that one replica advances at once.
const AT_ONCE_MAX: usize = 64;

/// Advances work forever. To stop, abort the task.
pub async fn run<W: Durable>(all: Arc<W>) {
    let mut work = JoinSet::new();
    let mut busy = BTreeSet::new();
    let mut known = Vec::new();
    let mut due = Dues::default();
    loop {
        let pause = match all.open().await {
            Ok(open) => {
                announce_others(&*all, &open, &mut known);
                due.learn(&open, all.clock());
                begin_due(&all, &open, &due, &mut work, &mut busy)
            }
            Err(error) => {
                tracing::error!(%error, "could not read the store; retrying");
                TICK_MS_MAX
            }
        };
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or_default());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = all.poked() => {}
            Some(done) = work.join_next() => match done {
                Ok(id) => _ = busy.remove(&id),
                // Which one is unknown, so all are looked at again, under their leases.
                Err(error) => {
                    tracing::error!(%error, "the task that advanced a {} panicked or was aborted", W::WHAT);
                    busy.clear();
                }
            },
        }
    }
}

/// Starts advancing what is due. Returns the milliseconds until more is due.
fn begin_due<W: Durable>(
    all: &Arc<W>,
    open: &[Open],
    dues: &Dues,
    work: &mut JoinSet<String>,
    busy: &mut BTreeSet<String>,
) -> i64 {
    let mut pause = TICK_MS_MAX;
    for one in open {
        if busy.contains(&one.id) || work.len() >= AT_ONCE_MAX {
            continue;
        }
        let left = dues.left(one, all.clock());
        if left <= 0 {
            busy.insert(one.id.clone());
            work.spawn(carry(Arc::clone(all), one.id.clone()));
        } else {
            pause = pause.min(left);
        }
    }
    pause.clamp(TICK_MS_MIN, TICK_MS_MAX)
}

/// When work is due by the monotonic clock, because somebody may set the time of day.
#[derive(Debug, Default)]
struct Dues(BTreeMap<String, (Timestamp, Passed)>);

impl Dues {
    /// Notes how long each one was postponed.
    fn learn(&mut self, open: &[Open], clock: &Clock) {
        self.0.retain(|id, _| open.iter().any(|one| one.id == *id));
        for one in open {
            let id = &one.id;
            if self.0.get(id).is_none_or(|(due, _)| *due != one.due) {
                self.0.insert(id.clone(), (one.due, latest(one.due, clock)));
            }
        }
    }

    /// Milliseconds until one is due, by the time of day or the monotonic clock, whichever is earlier.
    fn left(&self, one: &Open, clock: &Clock) -> i64 {
        let by_passed = self.0.get(&one.id).map_or(0, |(_, at)| at.since(clock.passed()));
        left_by_day(one.due, clock.now()).min(by_passed)
    }
}

/// The latest time at which one is due.
fn latest(due: Timestamp, clock: &Clock) -> Passed {
    clock.passed().after(left_by_day(due, clock.now()))
}

/// Milliseconds until work is due by the time of day. A clock that jumps ahead makes it due too early, which is
/// harmless. What is due after [`DUE_MS_MAX`] is due now, because the clock has been set back since.
fn left_by_day(due: Timestamp, now: Timestamp) -> i64 {
    let left = due.0.saturating_sub(now.0);
    if (1..=DUE_MS_MAX).contains(&left) { left } else { 0 }
}

/// Advances one until it has to wait. Pauses if another replica holds it, or the store fails.
async fn carry<W: Durable>(all: Arc<W>, id: String) -> String {
    match all.advance(&id).await {
        Ok(Advanced::Paused | Advanced::AtRest) => {}
        Ok(Advanced::Elsewhere) => tokio::time::sleep(LATER).await,
        Err(error) => {
            let causes = crate::error::chain(&error);
            tracing::error!(causes, id, "could not advance a {}; retrying", W::WHAT);
            tokio::time::sleep(LATER).await;
        }
    }
    id
}

/// Announces changes by other replicas to this replica's subscribers.
fn announce_others<W: Durable>(all: &W, open: &[Open], known: &mut Vec<(String, i64)>) {
    let now: Vec<_> = open.iter().map(|one| (one.id.clone(), one.events)).collect();
    if now != *known {
        *known = now;
        all.announce();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_stops_no_run() {
        let minutes = |minutes: i64| Timestamp(1_000_000_000 + minutes * 60_000);
        assert_eq!(left_by_day(minutes(0), minutes(0)), 0);
        assert_eq!(left_by_day(minutes(0), minutes(5)), 0);
        assert_eq!(left_by_day(minutes(5), minutes(0)), 5 * 60_000);
        // Postponed for five minutes, then the clock was set back by ten.
        assert_eq!(left_by_day(minutes(15), minutes(0)), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_a_little_delays_no_run() {
        let clock = Clock::manual(Timestamp(1_000_000_000));
        let at = latest(Timestamp(1_000_002_000), &clock);
        clock.jump(-5 * 60_000);
        clock.advance(2_000);
        assert_eq!(at.since(clock.passed()), 0);
        assert!(left_by_day(Timestamp(1_000_002_000), clock.now()) > 0);
    }
}
