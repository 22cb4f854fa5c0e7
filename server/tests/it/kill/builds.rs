//! Builds, while the console, the emulator, or both are killed with `kill -9`: one job, one run in the registry or on GitHub, at
//! most one version of the environment, one entry at the beginning and at the end in the ledger, and the whole log.
//!
//! On Azure, a build goes on while the console is dead. A build that ran when the emulator was killed has lost its machine, so
//! its run fails, and the job says why.

mod site;
mod way;

use super::{soak_rounds, timed};
use rand::Rng as _;
use site::Site;
use way::Way;

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Console,
    Emulator,
    Both,
}

impl Who {
    /// Whether the machine of a build may be lost.
    fn has_emulator(self) -> bool {
        self != Self::Console
    }

    fn has_console(self) -> bool {
        self != Self::Emulator
    }

    fn any() -> Self {
        [Self::Console, Self::Emulator, Self::Both][rand::rng().random_range(0..3)]
    }
}

/// When somebody is killed in a round.
#[derive(Debug, Clone, Copy)]
enum Death {
    /// After each event from this one of the job on.
    EachFrom(i64),
    /// This often, each time within this many milliseconds.
    Random(u32, u64),
}

/// The longest wait before a random kill, in milliseconds: about half the duration of a build.
const RANDOM_MS_MAX: u64 = 3_000;

/// Kills at each event. A build whose machine was lost fails, so the next build is killed from the next event on, until one
/// succeeds. Returns the number of kills.
async fn at_each_event(way: Way, who: Who) -> usize {
    let mut site = Site::start(way).await;
    let mut first = 0;
    loop {
        let round = site.round(who, Death::EachFrom(first)).await;
        if round.has_succeeded {
            break;
        }
        assert!(round.last_kill >= first, "a build fails only if it is killed: {round:?}");
        first = round.last_kill + 1;
    }
    let kills = site.kills;
    site.expect_intact().await;
    kills
}

/// Kills anybody at random times. Returns the number of kills.
async fn at_random(way: Way, rounds: usize) -> usize {
    let mut site = Site::start(way).await;
    for _ in 0..rounds {
        let times = rand::rng().random_range(1..=3);
        site.round(Who::any(), Death::Random(times, RANDOM_MS_MAX)).await;
    }
    let kills = site.kills;
    site.expect_intact().await;
    kills
}

#[tokio::test]
async fn a_killed_console_and_a_killed_registry_build_once() {
    let kills = tokio::join!(
        at_each_event(Way::Registry, Who::Console),
        at_each_event(Way::Registry, Who::Emulator),
        at_each_event(Way::Registry, Who::Both),
    );
    // Four steps with a beginning and an end, one that waits, two requests, and the job's own beginning and end; and before.
    assert!(kills.0 >= 16 && kills.1 >= 7 && kills.2 >= 16, "{kills:?}");
}

#[tokio::test]
async fn a_killed_console_and_a_killed_github_run_a_workflow_once() {
    let kills = tokio::join!(
        at_each_event(Way::Workflow, Who::Console),
        at_each_event(Way::Workflow, Who::Emulator),
        at_each_event(Way::Workflow, Who::Both),
    );
    assert!(kills.0 >= 12 && kills.1 >= 5 && kills.2 >= 12, "{kills:?}");
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_builds() {
    let rounds = soak_rounds(40);
    let lanes = tokio::join!(
        timed("kills in builds by the registry", at_random(Way::Registry, rounds)),
        timed("kills in builds by a workflow", at_random(Way::Workflow, rounds)),
    );
    eprintln!("{} kills in builds survived", lanes.0 + lanes.1);
}
