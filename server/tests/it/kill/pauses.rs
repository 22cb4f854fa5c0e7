//! Replicas that are paused (SIGSTOP) during a run: another replica continues, and those that wake up
//! repeat nothing.

use super::replicas::{Moment, Replicas};
use super::{soak_rounds, timed};
use crate::support::Postgres;
use crate::support::fleet::Replica;

/// Pauses two of three replicas in each round. Returns the number of pauses.
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
async fn exactly_one_of_three_replicas_acts_while_others_are_paused() {
    pauses(3, Moment::ByTurns).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_pauses() {
    let rounds = soak_rounds(40);
    let lanes = tokio::join!(
        timed("pauses after each event in turn", pauses(rounds, Moment::ByTurns)),
        timed("pauses immediately before a write is sent", pauses(rounds, Moment::Intent)),
    );
    eprintln!("{} pauses of replicas survived", lanes.0 + lanes.1);
}
