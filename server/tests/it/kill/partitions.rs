//! A network that parts one of three replicas from their database, in the middle of a run: it stands still, or
//! breaks. The others go on, and the one that comes back does nothing a second time.

use super::{Beside, Change, SPEED, check, moment, soak_rounds, three};
use crate::support::fleet::{Azure, Replica, within};
use crate::support::proxy::Proxy;
use crate::support::{DANA, Postgres};
use rand::Rng as _;
use sqlx::PgPool;

/// Parts one replica from the database, round after round. Returns how many times that was.
async fn partitions(rounds: usize) -> usize {
    let (azure, server) = (Azure::start(SPEED).await, Postgres::start().await);
    let mut networks = Vec::new();
    for _ in 0..3 {
        networks.push(Proxy::to(server.socket()).await);
    }
    let urls: Vec<_> = networks.iter().map(Proxy::url).collect();
    let replicas = three(&azure, [&urls[0], &urls[1], &urls[2]]).await;
    let beside = Beside::Postgres(PgPool::connect(&server.url()).await.expect("it answers"));
    let mut dana = replicas[0].browser();
    dana.sign_in(DANA, "/account").await;
    let first = azure.accepted().await.len();
    for round in 0..rounds {
        let change = Change::of(round);
        let before = azure.accepted().await.len();
        let (events, runs) = (beside.events().await, beside.runs().await);
        let (parted, asked) = (rand::rng().random_range(0..3), rand::rng().random_range(0..3));
        let sent = tokio::spawn(change.form(&dana.at(replicas[asked].url())).send());
        beside.written(events + moment(round), runs).await;
        match round % 2 {
            0 => networks[parted].stall(),
            _ => networks[parted].cut(),
        }
        let logs: String = replicas.iter().map(Replica::log).collect();
        check(&azure, &beside, change, before, &format!("{parted} parted\n{logs}")).await;
        networks[parted].heal();
        let status = sent.await.expect("no panic").expect("it answers in the end").status();
        // One that was parted may not know what became of it, and says so.
        assert!(status == 303 || asked == parted, "{status}");
        let mut page = dana.at(replicas[parted].url());
        within("the replica is back", async || {
            (page.get("/account").await.status == 200).then_some(())
        })
        .await;
    }
    assert_eq!(azure.accepted().await.len() - first, rounds, "nothing was done twice");
    rounds
}

#[tokio::test]
async fn of_three_replicas_one_acts_whoever_is_parted_from_the_database() {
    partitions(4).await;
}

#[tokio::test]
#[ignore = "takes a quarter of an hour: make soak"]
async fn soak_partitions() {
    let partitions = partitions(soak_rounds(100)).await;
    eprintln!("{partitions} partitions of replicas survived");
}
