//! What the console measures by itself while it changes a route.

use super::{ROUTE, newest, score};
use crate::support::fleet::within;
use crate::support::{Browser, DANA, TestConsole};
use app::domain::run::RunId;
use app::domain::run::measured::{Probe, Tally};
use serde_json::json;

/// What was counted so far for the run that is in flight.
async fn counted(console: &TestConsole) -> Option<Tally> {
    let open = console.services.operations.table.open().await.expect("a store");
    let run: RunId = open.first()?.operation.id.clone();
    match console.services.operations.probes.so_far(&run)? {
        Probe::Tally(tally) => Some(tally),
        other => panic!("{other}"),
    }
}

/// Lets Azure finish, and returns what the run's page says of the probes.
async fn told(console: &TestConsole, dana: &mut Browser) -> String {
    let run = newest(dana).await;
    console.eventually("the probes are told", async || dana.get(&run).await.text_of(".probe")).await
}

#[tokio::test]
async fn clients_notice_nothing_and_the_run_says_so() {
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
    // Azure does not go on before it is told to.
    within("some probes are answered", async || {
        counted(&console).await.filter(|tally| tally.done >= 5)
    })
    .await;
    let said = told(&console, &mut dana).await;
    let (failed, rest) =
        said.strip_prefix("Probes: ").and_then(|said| said.split_once(" of ")).expect("a tally");
    assert_eq!(failed, "0", "{said}");
    assert!(rest.contains(" failed, worst ") && !rest.contains("since"), "{said}");
    // Nothing of what was sent or what opened the door is kept.
    let run = newest(&mut dana).await;
    let page = dana.get(&run).await.expect(200);
    let keys = console.ask(reqwest::Method::POST, &console.arm_path("/listKeys"), None).await;
    assert!(!page.text.contains(keys["primaryKey"].as_str().expect("a key")));
    assert!(!page.text.contains("\"student\""));
}

#[tokio::test]
async fn an_endpoint_that_nobody_answers_for_shows_failures() {
    let console = TestConsole::start().await;
    console.with_route(json!({}), json!({})).await;
    console.observes("").await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.post(ROUTE, &[("live.anet-eedi", "100"), ("base", "")]).await.expect(303);
    within("some probes failed", async || {
        counted(&console).await.filter(|tally| tally.failed >= 5)
    })
    .await;
    let said = told(&console, &mut dana).await;
    let failed = said.strip_prefix("Probes: ").and_then(|said| said.split_once(" of "));
    let failed: u32 = failed.and_then(|(failed, _)| failed.parse().ok()).expect("a number");
    assert!(failed >= 5, "{said}");
}

#[tokio::test]
async fn after_a_restart_it_says_from_when_it_was_measured() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let fields = [("live.anet-eedi", "90"), ("live.anet-green", "10"), ("base", "anet-eedi=100")];
    dana.post(ROUTE, &fields).await.expect(303);
    // It has looked for Azure's answer once; nothing new is written down from here on.
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
    let said = told(&console, &mut dana).await;
    assert!(said.ends_with("measured only since the console took the run up again."), "{said}");
}
