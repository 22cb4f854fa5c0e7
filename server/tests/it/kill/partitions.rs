//! A network that parts one of three replicas from their database, in the middle of a run: it stands still, or
//! breaks. The others go on, and the one that comes back does nothing a second time.

use super::replicas::{Moment, Replicas};
use super::{soak_rounds, timed};
use crate::support::Postgres;
use crate::support::fleet::within;
use crate::support::proxy::Proxy;

/// Parts one replica from the database, round after round. Returns how many times that was.
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
        // One that was parted may not know what became of it, and says so.
        assert!(status == 303 || of == parted, "{status}");
        let mut page = three.browser(parted);
        within("the replica is back", async || {
            (page.get("/account").await.status == 200).then_some(())
        })
        .await;
    }
    let late = three.end().await;
    eprintln!("{late} late identical writes of replicas that were parted");
    rounds
}

#[tokio::test]
async fn of_three_replicas_one_acts_whoever_is_parted_from_the_database() {
    partitions(4).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_partitions() {
    timed("partitions of replicas", partitions(soak_rounds(100))).await;
}
