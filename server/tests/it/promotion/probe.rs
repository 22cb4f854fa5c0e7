//! Probes that the console sends while it changes a route.

use super::{ROUTE, newest, score};
use crate::support::fleet::within;
use crate::support::{Browser, DANA, TestConsole};
use domain::run::RunId;
use domain::run::measured::{Probe, Tally};
use serde_json::json;

/// The counts so far of the run that is in flight.
async fn counted(console: &TestConsole) -> Option<Tally> {
    let open = console.services.operations.table.open().await.expect("a store");
    let run: RunId = open.first()?.operation.id.clone();
    match console.services.operations.probes.so_far(&run)? {
        Probe::Tally(tally) => Some(tally),
        other => panic!("{other}"),
    }
}

/// Lets Azure finish, and returns the text about probes on the run's page.
async fn probe_text(console: &TestConsole, dana: &mut Browser) -> String {
    let run = newest(dana).await;
    console
        .eventually("the page shows the probes", async || dana.get(&run).await.text_of(".probe"))
        .await
}

#[tokio::test]
async fn the_runs_page_shows_that_no_probe_failed() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    console
        .eventually("the model answers", async || {
            score(&console, "anet-eedi").await.filter(|status| *status == 200)
        })
        .await;
    let mut dana = console.signed_in_as(DANA).await;
    let fields = [("live.anet-eedi", "90"), ("live.anet-green", "10"), ("base", "anet-eedi=100")];
    dana.post(ROUTE, &fields).await.expect(303);
    // Azure's clock stands still until the test moves it.
    within("some probes are answered", async || {
        counted(&console).await.filter(|tally| tally.done >= 5)
    })
    .await;
    let said = probe_text(&console, &mut dana).await;
    let (failed, rest) =
        said.strip_prefix("Probes: ").and_then(|said| said.split_once(" of ")).expect("a tally");
    assert_eq!(failed, "0", "{said}");
    assert!(rest.contains(" failed, worst ") && !rest.contains("since"), "{said}");
    // The console stores neither the request nor the key.
    let run = newest(&mut dana).await;
    let page = dana.get(&run).await.expect(200);
    let keys = console.ask(reqwest::Method::POST, &console.arm_path("/listKeys"), None).await;
    assert!(!page.text.contains(keys["primaryKey"].as_str().expect("a key")));
    assert!(!page.text.contains("\"student\""));
}

#[tokio::test]
async fn an_endpoint_without_a_model_shows_failed_probes() {
    let console = TestConsole::start().await;
    console.with_route(json!({}), json!({})).await;
    console.observes("").await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.post(ROUTE, &[("live.anet-eedi", "100"), ("base", "")]).await.expect(303);
    within("some probes failed", async || {
        counted(&console).await.filter(|tally| tally.failed >= 5)
    })
    .await;
    let said = probe_text(&console, &mut dana).await;
    let failed = said.strip_prefix("Probes: ").and_then(|said| said.split_once(" of "));
    let failed: u32 = failed.and_then(|(failed, _)| failed.parse().ok()).expect("a number");
    assert!(failed >= 5, "{said}");
}

#[tokio::test]
async fn after_a_restart_the_page_says_since_when_probes_count() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let fields = [("live.anet-eedi", "90"), ("live.anet-green", "10"), ("base", "anet-eedi=100")];
    dana.post(ROUTE, &fields).await.expect(303);
    // It has read Azure's answer once, and writes nothing new from here on.
    within("the run waits", async || {
        let table = &console.services.operations.table;
        let open = table.open().await.expect("a store").pop()?;
        let run = table.load(&open.operation.id).await.expect("a store")?;
        run.state.steps.get(2)?.note.clone()
    })
    .await;
    let console = console.stop().await.restart().await;
    within("it is probed again", async || {
        counted(&console).await.filter(|tally| tally.done >= 1 && tally.is_late)
    })
    .await;
    let mut dana = console.signed_in_as(DANA).await;
    let said = probe_text(&console, &mut dana).await;
    assert!(said.ends_with("measured only since the console resumed the run."), "{said}");
}
