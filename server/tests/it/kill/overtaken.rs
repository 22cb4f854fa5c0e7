//! A replica that is superseded during a write: it must discard what it read before, and not send its
//! write. The tests force each moment: Azure rejects, the network stalls, or the journal is locked.

use super::SPEED;
use super::change::Change;
use super::witness::{Before, Beside, Witness};
use crate::support::fleet::{Azure, Besides, Replica, within};
use crate::support::proxy::Proxy;
use crate::support::{DANA, Postgres};
use serde_json::json;
use sqlx::PgPool;
use url::Url;

/// A run whose write Azure refused, and which is about to retry it.
struct Refused {
    witness: Witness,
    pool: PgPool,
    before: Before,
}

impl Refused {
    /// Requests a change at a replica, and waits until Azure has refused the write for now.
    async fn on(azure: Azure, server: &Postgres, replica: &Replica) -> Self {
        let pool = PgPool::connect(&server.url()).await.expect("it answers");
        let beside = Beside::Postgres(pool.clone());
        let witness = Witness { azure, beside, with_late: false };
        let dana = replica.signed_in(DANA).await;
        let before = witness.before().await;
        let refusal = json!({ "match": { "path_contains": "anet-ep-prod", "method": "PUT" },
            "times": 1_000, "respond": { "status": 503 } });
        witness.azure.fault(&refusal).await;
        let asked = Change::Halves.form(&dana).await.send().await.expect("it answers");
        assert_eq!(asked.status(), 303);
        let refused = Self { witness, pool, before };
        within("the write is due for a retry", async || {
            (refused.written("retry_scheduled").await > 0).then_some(())
        })
        .await;
        refused
    }

    /// The number of events of a kind in the journal.
    async fn written(&self, event: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM journal WHERE event LIKE '%\"{event}\"%'");
        self.witness.beside.count(&sql).await
    }

    /// Waits until a replica with a newer token than this has held the run for this many beats (one every
    /// two seconds), so its next action takes long. Returns its token.
    async fn in_hand(&self, newer_than: i64, beats: i64) -> i64 {
        let sql = format!(
            "SELECT coalesce(max(token), 0) FROM leases
             WHERE holder IS NOT NULL AND token > {newer_than} AND beat >= {beats}"
        );
        within("a replica holds the run", async || {
            let token = self.witness.beside.count(&sql).await;
            (token > 0).then_some(token)
        })
        .await
    }
}

/// A separate network between one replica and Azure.
async fn way_to(azure: &Azure) -> Proxy {
    Proxy::to_port(azure.url.socket_addrs(|| None).expect("an address")[0]).await
}

fn replica(azure: &Azure, name: &str, database: &str, way: &Proxy) -> Replica {
    let way = Url::parse(&format!("http://{}", way.address())).expect("a URL");
    Replica::with(azure, name, Some(database), &Besides { azure: Some(way), ..Besides::default() })
}

#[tokio::test]
async fn a_replica_superseded_while_reading_writes_and_sends_nothing() {
    let (azure, server) = (Azure::start(SPEED).await, Postgres::start().await);
    let database = Proxy::to(server.socket()).await;
    let ways = [way_to(&azure).await, way_to(&azure).await];
    let mut one = replica(&azure, "one", &database.url(), &ways[0]);
    let mut two = replica(&azure, "two", &server.url(), &ways[1]);
    one.start().await;
    let run = Refused::on(azure, &server, &one).await;
    // Its next read of Azure takes long, and then it cannot renew its lease.
    ways[0].stall();
    run.witness.azure.mend().await;
    let first = run.in_hand(0, 1).await;
    two.start().await;
    ways[1].stall();
    database.cut();
    let second = run.in_hand(first, 1).await;
    let events = run.witness.beside.events().await;
    // It returns while the other replica is reading, and learns that its write is still due.
    database.heal();
    ways[0].heal();
    within("the replica gives up its lease", async || {
        let now = run.witness.beside.events().await;
        assert_eq!(now, events, "the replica wrote with an old token\n{}", one.log());
        one.log().contains("another replica has taken over the run").then_some(())
    })
    .await;
    assert!(run.witness.accepted(run.before).await.is_empty());
    ways[1].heal();
    run.witness.check(Change::Halves, run.before, || two.log()).await;
    let old = format!("SELECT count(*) FROM journal WHERE number >= {events} AND token < {second}");
    assert_eq!(run.witness.beside.count(&old).await, 0);
}

#[tokio::test]
async fn an_intent_that_took_too_long_to_store_is_not_carried_out() {
    let (azure, server) = (Azure::start(SPEED).await, Postgres::start().await);
    let mut one = Replica::new(&azure, "one", Some(&server.url()));
    one.start().await;
    let run = Refused::on(azure, &server, &one).await;
    let mut lock = run.pool.begin().await.expect("it begins");
    let locked = sqlx::query("LOCK TABLE journal IN EXCLUSIVE MODE").execute(&mut *lock).await;
    locked.expect("nobody writes just now");
    assert_eq!(run.written("step_sending").await, 1);
    run.witness.azure.mend().await;
    run.in_hand(0, 2).await;
    lock.rollback().await.expect("it is free");
    run.witness.check(Change::Halves, run.before, || one.log()).await;
    // The refused write, the one that took too long, and the one that was carried out.
    assert_eq!(run.written("step_sending").await, 3);
}
