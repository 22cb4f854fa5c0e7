//! PostgreSQL's bad days, in the middle of a run: connections break, the server is gone for a while, the network
//! stands still, nothing can be written. Nothing is done twice, the run goes on when it can, and pages say
//! what is wrong meanwhile.

use crate::changes::{HALVES, ROUTE};
use crate::support::proxy::Proxy;
use crate::support::store::tried;
use crate::support::{Browser, DANA, LEO, PROD, Postgres, TestConsole};
use serde_json::json;
use server::store::Database;
use std::time::Duration;

/// Longest pause between two looks at what tells nobody.
const LOOK: Duration = Duration::from_millis(50);

/// A console on a server behind a network, with a run that Azure has begun to carry out.
struct Patient {
    server: Postgres,
    network: Proxy,
    console: TestConsole,
    dana: Browser,
    before: usize,
}

impl Patient {
    async fn new() -> Self {
        let server = Postgres::start().await;
        let network = Proxy::to(server.socket()).await;
        let console = TestConsole::start_on(&network.url()).await;
        console.with_deployment("anet-green").await;
        let mut dana = console.signed_in_as(DANA).await;
        let before = console.writes().await.len();
        dana.post(ROUTE, &HALVES).await.expect(303);
        let patient = Self { server, network, console, dana, before };
        patient.has_sent().await;
        patient
    }

    /// Waits until Azure has the one write of the run. Its clock stands still, so that it goes no further.
    async fn has_sent(&self) {
        let mut moved = self.console.services.operations.subscribe();
        tokio::time::timeout(crate::support::PATIENCE, async {
            while self.console.writes().await.len() == self.before {
                // Azure tells nobody of a write.
                let _ = tokio::time::timeout(LOOK, moved.changed()).await;
            }
        })
        .await
        .expect("it is sent");
    }

    /// What a page says while the store is away.
    async fn page_meanwhile(&mut self) {
        let page = self.dana.get(PROD).await.expect(503);
        page.says("The console cannot reach its database just now.");
    }

    /// Azure ends its work, and the console has every chance to do something wrong.
    ///
    /// There is no event to wait for: the console is to do nothing, and whatever it tries against its database
    /// goes by the machine's clock. So it is given a second of that, in which Azure's time passes, too.
    async fn time_passes(&self) {
        for _ in 0..20 {
            self.console.advance(5.0).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The run ends well, and Azure was asked for one change.
    async fn recovers(mut self) {
        self.console
            .eventually("the run goes on", async || {
                let page = self.dana.get(PROD).await;
                page.words().contains("Read back from Azure: it is as asked.").then_some(())
            })
            .await;
        self.console.has_sent(self.before + 1).await;
        let traffic = self.console.endpoint().await["properties"]["traffic"].clone();
        assert_eq!(traffic, json!({ "anet-eedi": 50, "anet-green": 50 }));
        let mut leo = self.console.signed_in_as(LEO).await;
        leo.post("/history", &[]).await.expect(200).says("Intact");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_for_a_while_is_waited_for() {
    let mut patient = Patient::new().await;
    patient.server.stop();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.server.start_again().await;
    patient.recovers().await;
}

#[tokio::test]
async fn a_network_that_breaks_is_waited_for() {
    let mut patient = Patient::new().await;
    patient.network.cut();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.network.heal();
    patient.recovers().await;
}

#[tokio::test]
async fn a_network_that_stands_still_is_waited_for() {
    let mut patient = Patient::new().await;
    patient.network.stall();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.network.heal();
    patient.recovers().await;
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_waited_for() {
    let patient = Patient::new().await;
    let mut leo = patient.console.signed_in_as(LEO).await;
    let beside = Database::at_server(&patient.server.url()).await.expect("it opens");
    // As an administrator does it, and as a server does that becomes a replica; open connections are cut so that
    // they learn of it.
    tried(&beside, "ALTER DATABASE postgres SET default_transaction_read_only = on")
        .await
        .expect("it is set");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    tried(&beside, others).await.expect("they are cut");
    leo.get("/stages/anet-dev").await.expect(200);
    let page = leo.post("/stages/anet-dev/freeze", &[("reason", "Exams")]).await.expect(503);
    page.says("The console's database takes no writes just now");
    leo.get("/stages/anet-dev").await.expect(200).says("It takes changes now.");
    patient.time_passes().await;
    let free = "BEGIN READ WRITE; \
                ALTER DATABASE postgres SET default_transaction_read_only = off; COMMIT";
    let Database::Postgres(pool, _) = &beside else { panic!("it is PostgreSQL") };
    sqlx::raw_sql(free).execute(pool).await.expect("it is free");
    tried(&beside, others).await.expect("they are cut");
    beside.close().await;
    patient.recovers().await;
}
