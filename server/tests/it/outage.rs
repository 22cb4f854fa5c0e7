//! PostgreSQL fails during a run: connections break, the server stops for a while, the network stalls, or
//! the database is read-only. Nothing happens twice, the run continues as soon as it can, and pages show
//! the problem meanwhile.

use crate::changes::HALVES;

use crate::changes::ROUTE;
use crate::support::proxy::Proxy;
use crate::support::store::tried;
use crate::support::{Browser, DANA, LEO, PROD, Postgres, TestConsole};
use serde_json::json;
use server::store::Database;
use std::time::Duration;

/// The longest pause between two checks of something that sends no notification.
const LOOK: Duration = Duration::from_millis(50);

/// A console that reaches its server through a test network, with a run that Azure has begun to carry out.
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

    /// Waits until Azure has the run's only write. Azure's clock stands still, so the operation does not
    /// end.
    async fn has_sent(&self) {
        let mut moved = self.console.services.operations.subscribe();
        tokio::time::timeout(crate::support::PATIENCE, async {
            while self.console.writes().await.len() == self.before {
                // Azure does not announce a write.
                let _ = tokio::time::timeout(LOOK, moved.changed()).await;
            }
        })
        .await
        .expect("it is sent");
    }

    /// Checks what a page says while the store is unavailable.
    async fn page_meanwhile(&mut self) {
        let page = self.dana.get(PROD).await.expect(503);
        page.says("The console cannot reach its database.");
    }

    /// Lets Azure finish, and gives the console time to do something wrong.
    ///
    /// There is no event to wait for, because the console must do nothing, and its retries follow the
    /// machine's clock. It gets one second, in which Azure's time passes, too.
    async fn time_passes(&self) {
        for _ in 0..20 {
            self.console.advance(5.0).await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Expects the run to succeed, with one change in Azure.
    async fn recovers(mut self) {
        self.console
            .eventually("the run goes on", async || {
                let page = self.dana.get(PROD).await;
                page.words().contains("Verified in Azure.").then_some(())
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
async fn a_run_waits_while_the_database_server_is_down() {
    let mut patient = Patient::new().await;
    patient.server.stop();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.server.start_again().await;
    patient.recovers().await;
}

#[tokio::test]
async fn a_run_waits_while_connections_break() {
    let mut patient = Patient::new().await;
    patient.network.cut();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.network.heal();
    patient.recovers().await;
}

#[tokio::test]
async fn a_run_waits_while_the_network_stalls() {
    let mut patient = Patient::new().await;
    patient.network.stall();
    patient.page_meanwhile().await;
    patient.time_passes().await;
    patient.network.heal();
    patient.recovers().await;
}

#[tokio::test]
async fn a_run_waits_while_the_database_is_read_only() {
    let patient = Patient::new().await;
    let mut leo = patient.console.signed_in_as(LEO).await;
    let beside = Database::at_server(&patient.server.url()).await.expect("it opens");
    // The same happens if an administrator does it, or if the server becomes a standby. Open connections
    // are cut, so that they notice.
    tried(&beside, "ALTER DATABASE postgres SET default_transaction_read_only = on")
        .await
        .expect("it is set");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    tried(&beside, others).await.expect("the connections are cut");
    leo.get("/stages/anet-dev").await.expect(200);
    let page = leo.post("/stages/anet-dev/freeze", &[("reason", "Exams")]).await.expect(503);
    page.says("The console's database does not accept writes");
    leo.get("/stages/anet-dev").await.expect(200).says("Accepting changes.");
    patient.time_passes().await;
    let free = "BEGIN READ WRITE; \
                ALTER DATABASE postgres SET default_transaction_read_only = off; COMMIT";
    let Database::Postgres(pool, _) = &beside else { panic!("it is PostgreSQL") };
    sqlx::raw_sql(free).execute(pool).await.expect("it is free");
    tried(&beside, others).await.expect("the connections are cut");
    beside.close().await;
    patient.recovers().await;
}
