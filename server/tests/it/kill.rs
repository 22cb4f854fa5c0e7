//! Real processes that are killed, paused and cut off from their database: each change happens exactly
//! once. Azure runs in its own process, and its log of accepted writes is the proof.
//!
//! The short versions run with all tests. `make soak` runs the long ones and prints how often the console
//! survived.

mod builds;
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

/// Azure's speed here, as a multiple of its speed in a demonstration.
const SPEED: u32 = 40;

/// When in a round the console is killed.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// After this many events of the round, or at its end if there are fewer.
    At(i64),
    /// After each event.
    Each,
    /// At a random time within this many milliseconds, and again while it recovers.
    Random(u64),
}

/// Does not wait for an event on purpose: this kills at any moment.
async fn at_random(ms_max: u64) {
    let random = rand::rng().random_range(0..ms_max);
    tokio::time::sleep(Duration::from_millis(random)).await;
}

/// The number of rounds of a soak: `SOAK_ROUNDS`, or a number that keeps all parts together at about twenty minutes on two cores.
#[expect(clippy::disallowed_methods, reason = "the person who starts a soak chooses its length")]
fn soak_rounds(usually: usize) -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usually)
}

/// Prints how often one part of a soak survived, and how long it took.
async fn timed(what: &str, lane: impl Future<Output = usize>) -> usize {
    let began = Instant::now();
    let survived = lane.await;
    eprintln!("{what}: {survived} survived in {} s", began.elapsed().as_secs());
    survived
}
