//! Replicas that are paused for a while (SIGSTOP), in the middle of a run: another goes on, and those that wake
//! up do nothing more.

use super::replicas::{Moment, Replicas};
use super::{soak_rounds, timed};
use crate::support::Postgres;
use crate::support::fleet::Replica;

/// Pauses two of three replicas at a time, round after round. Returns how many pauses there were.
async fn pauses(rounds: usize, moment: Moment) -> usize {
    let server = Postgres::start().await;
    let url = server.url();
    let mut three = Replicas::start(&url, [&url, &url, &url]).await;
    for _ in 0..rounds {
        let awake = three.any();
        let asked = three.ask(moment).await;
        three.others(awake).for_each(Replica::pause);
        three.check(&asked, &format!("only {awake} is awake")).await;
        three.others(awake).for_each(Replica::wake);
        assert_eq!(asked.answer().await, 303);
    }
    let late = three.end().await;
    eprintln!("{late} late identical writes of replicas that were paused");
    2 * rounds
}

#[tokio::test]
async fn of_three_replicas_one_acts_whoever_is_paused() {
    pauses(3, Moment::ByTurns).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_pauses() {
    let rounds = soak_rounds(100);
    let lanes = tokio::join!(
        timed("pauses after each event in its turn", pauses(rounds, Moment::ByTurns)),
        timed("pauses while a write is about to leave", pauses(rounds, Moment::Intent)),
    );
    eprintln!("{} pauses of replicas survived", lanes.0 + lanes.1);
}
