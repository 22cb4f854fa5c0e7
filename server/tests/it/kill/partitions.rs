//! The network cuts one of three replicas off from the database during a run: it stalls, or connections
//! break. The others continue, and the replica that returns repeats nothing.

use super::replicas::{Moment, Replicas};
use super::{soak_rounds, timed};
use crate::support::Postgres;
use crate::support::fleet::within;
use crate::support::proxy::Proxy;

/// Cuts one replica off from the database in each round. Returns the number of partitions.
async fn partitions(rounds: usize) -> usize {
    let server = Postgres::start().await;
    let mut networks = Vec::new();
    for _ in 0..3 {
        networks.push(Proxy::to(server.socket()).await);
    }
    let ways: Vec<_> = networks.iter().map(Proxy::url).collect();
    let mut three = Replicas::start(&server.url(), [&ways[0], &ways[1], &ways[2]]).await;
    for round in 0..rounds {
        let parted = three.any();
        let asked = three.ask(Moment::ByTurns).await;
        match round % 2 {
            0 => networks[parted].stall(),
            _ => networks[parted].cut(),
        }
        three.check(&asked, &format!("{parted} is parted")).await;
        networks[parted].heal();
        let of = asked.of;
        let status = asked.answer().await;
        // A replica that was cut off may not know the outcome, and must say so.
        assert!(status == 303 || of == parted, "{status}");
        let mut page = three.browser(parted);
        within("the replica is back", async || {
            (page.get("/account").await.status == 200).then_some(())
        })
        .await;
    }
    let late = three.end().await;
    eprintln!("{late} late identical writes of replicas that were cut off");
    rounds
}

#[tokio::test]
async fn exactly_one_of_three_replicas_acts_during_a_partition() {
    partitions(4).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_partitions() {
    timed("partitions of replicas", partitions(soak_rounds(60))).await;
}
