//! The closed model: each user waits for its response before it sends the next request.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::exchange::{Lane, perform};

/// A user whose connection fails waits, so that a server that is down is not asked a million times.
const FAILED_PAUSE: Duration = Duration::from_millis(10);

/// Runs this engine's share of the users to the end of the test.
pub(super) async fn generate(engine: Rc<Engine>, all: u32) {
    engine.users.set(Some(0));
    let mine = (engine.number..all).step_by(engine.engines as usize);
    let tasks: Vec<_> = mine
        .map(|user| {
            let delay = engine.prepared.plan.ramp_up.mul_f64(f64::from(user) / f64::from(all));
            tokio::task::spawn_local(live(engine.clone(), engine.zero + delay))
        })
        .collect();
    for task in tasks {
        // A user cannot fail; a panic would be that of the engine.
        let _ = task.await;
    }
}

async fn live(engine: Rc<Engine>, begins: Instant) {
    tokio::time::sleep_until(begins.into()).await;
    let change = |by: i64| {
        let users = i64::from(engine.users.get().unwrap_or(0)) + by;
        engine.users.set(Some(u32::try_from(users).unwrap_or(0)));
    };
    change(1);
    let end = engine.zero + engine.prepared.plan.duration;
    let mut lane = Lane::new(&engine);
    let mut number = 0;
    loop {
        let now = Instant::now();
        if now >= end {
            break;
        }
        if !perform(&engine, &mut lane, number, now).await {
            tokio::time::sleep(FAILED_PAUSE).await;
        }
        number = (number + 1) % engine.prepared.requests.len();
    }
    change(-1);
}
