//! The open model: requests are released by the clock and sent by the first connection that is free.
//!
//! The dispatcher releases every request whose time has come, whether or not a connection is free. Lanes, each with its own
//! connections, take released requests in order. A new lane begins when none is free, up to the limit. A request that
//! waits for a lane keeps its intended start. This is how the generator avoids coordinated omission.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::engine::Engine;
use super::exchange::{Lane, perform};
use super::pacer::Pacer;
use super::schedule::Schedule;
use crate::recorder::{Failure, Outcome};

/// Requests that are late at the end of the test may still be sent for as long as a response may take, but not longer than
/// this. What is unsent then has failed.
const DRAIN_MAX: Duration = Duration::from_secs(10);
const NOT_SENT: &str = "not sent: all connections were busy until after the end of the test";

/// The requests that wait for a lane, and the lanes that wait for a request.
#[derive(Default)]
struct Queue {
    /// Requests before this number are due.
    released: Cell<u64>,
    /// Requests before this number have a lane.
    taken: Cell<u64>,
    /// No further request is released.
    is_complete: Cell<bool>,
    /// After this time, nothing is sent.
    closes: Cell<Option<Instant>>,
    /// The last one to become free is the first one to be used, so that few connections suffice.
    free: RefCell<Vec<Rc<Notify>>>,
}

impl Queue {
    /// The next request; `None` at the end.
    async fn take(&self, bell: &Rc<Notify>) -> Option<u64> {
        loop {
            let is_closed = self.closes.get().is_some_and(|closes| Instant::now() >= closes);
            let next = self.taken.get();
            if next < self.released.get() && !is_closed {
                self.taken.set(next + 1);
                return Some(next);
            }
            if self.is_complete.get() {
                return None;
            }
            self.free.borrow_mut().push(bell.clone());
            bell.notified().await;
        }
    }

    /// Wakes as many free lanes as needed, and returns how many more there should be.
    fn wake(&self) -> u64 {
        let mut missing = self.released.get() - self.taken.get();
        let mut free = self.free.borrow_mut();
        while missing > 0 {
            let Some(bell) = free.pop() else { break };
            bell.notify_one();
            missing -= 1;
        }
        missing
    }

    fn complete(&self, drain: Duration) {
        self.is_complete.set(true);
        self.closes.set(Some(Instant::now() + drain));
        self.free.borrow_mut().drain(..).for_each(|bell| bell.notify_one());
    }
}

/// Sends this engine's share of the requests.
///
/// # Errors
/// The system has no timer for us.
pub(super) async fn generate(
    engine: Rc<Engine>,
    rate: f64,
    connections_max: u32,
) -> io::Result<()> {
    let plan = &engine.prepared.plan;
    let share = (engine.number, engine.engines);
    let schedule = Schedule::new(rate, plan.ramp_up, plan.duration, share);
    let pacer = Pacer::new()?;
    let queue = Rc::new(Queue::default());
    let mut lanes = JoinSet::new();
    let mut next = 0;
    while let Some(due) = schedule.due(next) {
        pacer.until(engine.zero + due).await?;
        let now = engine.zero.elapsed();
        while schedule.due(next).is_some_and(|due| due <= now) {
            next += 1;
        }
        queue.released.set(next);
        for _ in 0..queue.wake() {
            if lanes.len() >= connections_max as usize {
                break;
            }
            lanes.spawn_local(live(engine.clone(), queue.clone(), schedule));
        }
    }
    queue.complete(plan.timeout.min(DRAIN_MAX));
    while lanes.join_next().await.is_some() {}
    give_up(&engine, &queue, &schedule);
    Ok(())
}

async fn live(engine: Rc<Engine>, queue: Rc<Queue>, schedule: Schedule) {
    let mut lane = Lane::new(&engine);
    let bell = Rc::new(Notify::new());
    let requests = engine.prepared.requests.len() as u64;
    while let Some(own) = queue.take(&bell).await {
        let Some(due) = schedule.due(own) else { break };
        let number = (schedule.global(own) % requests) as usize;
        if !perform(&engine, &mut lane, number, engine.zero + due).await {
            // A refused connection may fail without ever waiting.
            tokio::task::yield_now().await;
        }
    }
}

/// Counts what was due but never sent.
fn give_up(engine: &Engine, queue: &Queue, schedule: &Schedule) {
    let now = engine.zero.elapsed();
    for own in queue.taken.get()..queue.released.get() {
        let Some(due) = schedule.due(own) else { break };
        let number = (schedule.global(own) % engine.prepared.requests.len() as u64) as usize;
        let elapsed = now.saturating_sub(due);
        engine.record(|recorder| {
            recorder.record(&Outcome {
                name: engine.names[number],
                started: due,
                elapsed,
                first_byte: elapsed,
                connect: Duration::ZERO,
                code: "Non HTTP response code: not sent",
                message: NOT_SENT,
                failure: Some(Failure { kind: NOT_SENT, message: NOT_SENT }),
                bytes: 0,
                sent_bytes: 0,
                url: &engine.prepared.requests[number].url,
            });
        });
    }
}
