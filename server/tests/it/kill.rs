//! Real processes, really killed, paused and parted from their database: whatever happens to the console, each
//! change happens exactly once. Azure runs in a process of its own, and its log of accepted writes is the
//! witness.
//!
//! The short forms run with all tests; `make soak` runs the long ones and prints how much was survived.

mod change;
mod full;
mod overtaken;
mod partitions;
mod pauses;
mod promotion;
mod replicas;
mod victim;
mod witness;

use rand::Rng as _;
use std::time::{Duration, Instant};

/// How many times as fast as a demonstration Azure works here.
const SPEED: u32 = 40;

/// When in a round the console dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// When so many events of the round are written, or as soon as there are no more to come.
    At(i64),
    /// After each event.
    Each,
    /// At a random time of at most so many milliseconds, and again while it recovers.
    Random(u64),
}

/// Waits for no event on purpose: a kill at any moment is what is tried.
async fn at_random(ms_max: u64) {
    let random = rand::rng().random_range(0..ms_max);
    tokio::time::sleep(Duration::from_millis(random)).await;
}

/// How long a soak is: `SOAK_ROUNDS`, or what takes some twenty minutes in all.
#[expect(clippy::disallowed_methods, reason = "a soak's length is the person's who starts it")]
fn soak_rounds(usually: usize) -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usually)
}

/// Prints what a lane of a soak survived, and how long it took.
async fn timed(what: &str, lane: impl Future<Output = usize>) -> usize {
    let began = Instant::now();
    let survived = lane.await;
    eprintln!("{what}: {survived} survived in {} s", began.elapsed().as_secs());
    survived
}
