//! Azure's reads are stale for a while, and flap. No run fails because of this, no write is repeated or
//! skipped, no change is wrongly recorded as an outside change, and pages do not jump back. The console
//! still detects real changes from outside.

mod clock;

use crate::changes::HALVES;

use crate::changes::ROUTE;
use crate::support::store::on_prod;
use crate::support::{Browser, DANA, PROD, TestConsole, Wanted};
use domain::route::Route;
use domain::run::Event;
use domain::run::operation::{Operation, Progress};
use emulator::StaleReads;
use reqwest::Method;
use serde_json::{Value, json};

/// Long enough that each read that matters is stale, but shorter than the console doubts a read.
const LATE: StaleReads = StaleReads {
    endpoint_s: 600.0,
    deployment_s: 600.0,
    list_s: 600.0,
    reads_max: Some(5),
    flapping: false,
    seed: 0,
};
const OUTSIDE: &str = "changed outside the console";

/// A console with a second deployment, on which reads will be stale.
async fn console(stale: &StaleReads) -> (TestConsole, Browser) {
    let wanted = Wanted { stale: Some(StaleReads::default()), ..Wanted::default() };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    recorded(&console, "anet-eedi=100").await;
    console.stale(json!(stale)).await;
    let dana = console.signed_in_as(DANA).await;
    (console, dana)
}

/// Waits until the ledger has a route.
async fn recorded(console: &TestConsole, route: &str) {
    console
        .eventually("the ledger has the route", async || {
            let history = &console.services.history;
            let entry =
                history.table.route_at(&on_prod("anet-ep-prod"), None).await.expect("a ledger")?;
            (entry.after.get("route").map(String::as_str) == Some(route)).then_some(())
        })
        .await;
}

async fn newest(console: &TestConsole) -> Operation {
    let at = on_prod("anet-ep-prod");
    let all = console.services.operations.table.recent(&at.into()).await.expect("a store");
    all.into_iter().next().expect("a run")
}

async fn ended(console: &TestConsole) -> Progress {
    console
        .eventually("the run is over", async || {
            let newest = newest(console).await;
            (!newest.is_open()).then_some(newest.progress)
        })
        .await
}

async fn live(console: &TestConsole) -> Value {
    console.endpoint().await["properties"]["traffic"].clone()
}

/// The number of outside changes in the ledger.
async fn blamed(console: &TestConsole) -> usize {
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get("/history?kind=observed").await.expect(200);
    page.words().matches(OUTSIDE).count()
}

/// Waits for this many rounds of the observer and the ledger.
async fn looks(console: &TestConsole, count: usize) {
    let mut left = count;
    console
        .eventually("the observer and the ledger have read", async || {
            left = left.saturating_sub(1);
            (left == 0).then_some(())
        })
        .await;
}

/// Sets the live traffic from outside; reads of this change are stale, too.
async fn elsewhere(console: &TestConsole, traffic: Value) {
    let mut endpoint = console.endpoint().await;
    endpoint["properties"]["traffic"] = traffic;
    let url = console.emulator.join(&console.arm_path("")).expect("a URL");
    let request = console.http.put(url).bearer_auth("somebody").json(&endpoint);
    let answer = request.send().await.expect("it answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

fn flapping() -> StaleReads {
    StaleReads { flapping: true, seed: 11, ..LATE }
}

#[tokio::test]
async fn a_stale_route_fails_no_run_and_records_no_outside_change() {
    for stale in [LATE, flapping()] {
        let (console, mut dana) = console(&stale).await;
        let before = console.writes().await.len();
        dana.post(ROUTE, &HALVES).await.expect(303);
        assert_eq!(ended(&console).await, Progress::Succeeded);
        assert!(console.stale_answers().await > 0, "none was stale");
        console.has_sent(before + 1).await;
        looks(&console, 15).await;
        assert_eq!(blamed(&console).await, 0, "{stale:?}");
        console.observes("anet-eedi=50,anet-green=50").await;
    }
}

#[tokio::test]
async fn a_runs_page_says_what_it_reads_again() {
    let (console, mut dana) = console(&LATE).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    assert_eq!(ended(&console).await, Progress::Succeeded);
    let table = &console.services.operations.table;
    let journal = table.journal(&newest(&console).await.id).await.expect("a journal");
    let is_said = |event: &Event| match event {
        Event::StepWaiting { note, .. } => {
            note == "Azure is done, but still reports the former state of anet-ep-prod. The console reads it \
                     again."
        }
        _ => false,
    };
    assert_eq!(
        journal.iter().filter(|recorded| is_said(&recorded.event)).count(),
        1,
        "{journal:#?}"
    );
}

#[tokio::test]
async fn a_run_fails_if_its_route_never_shows() {
    let (console, mut dana) = console(&StaleReads { reads_max: None, ..LATE }).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    let ended = ended(&console).await;
    let Progress::Failed { message } = &ended else { panic!("{ended:?}") };
    assert!(message.contains("a different route than the requested one"), "{message}");
}

#[tokio::test]
async fn a_stale_404_does_not_fail_a_creation() {
    for stale in [LATE, flapping()] {
        let (console, mut dana) = console(&stale).await;
        let before = console.writes().await.len();
        let yaml = b"name: anet-red\nmodel: azureml:nbq:2\n\
            environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n";
        dana.upload(&format!("{PROD}/new-deployment"), &[("yaml", None, yaml)]).await.expect(303);
        assert_eq!(ended(&console).await, Progress::Succeeded);
        assert!(console.stale_answers().await > 0);
        console.has_sent(before + 1).await;
        console.up("anet-red").await;
        // The opposite case: a deleted deployment still shows.
        let delete = format!("{PROD}/deployments/anet-red/delete");
        let saw = console
            .eventually("the page shows it", async || {
                dana.get(&delete).await.attribute("input[name=made_of]", "value")
            })
            .await;
        dana.post(&delete, &[("made_of", saw.as_str())]).await.expect(303);
        assert_eq!(ended(&console).await, Progress::Succeeded);
        console.has_sent(before + 2).await;
        let path = console.arm_path("/deployments/anet-red");
        assert!(console.try_ask(Method::GET, &path).await.is_none());
    }
}

#[tokio::test]
async fn a_lost_answer_and_a_stale_read_do_not_repeat_a_write() {
    let (console, mut dana) = console(&LATE).await;
    let before = console.writes().await.len();
    console
        .fault(json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" },
        "respond": "lost" }))
        .await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    assert_eq!(ended(&console).await, Progress::Succeeded);
    assert!(console.stale_answers().await > 0);
    console.has_sent(before + 1).await;
    assert_eq!(live(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
}

#[tokio::test]
async fn a_change_right_after_another_is_planned_on_its_result() {
    let (console, mut dana) = console(&flapping()).await;
    let before = console.writes().await.len();
    let there = [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];
    let back = [
        ("live.anet-eedi", "100"),
        ("live.anet-green", "0"),
        ("base", "anet-eedi=50,anet-green=50"),
    ];
    for round in 0..6 {
        // The next change requests the route from before the last change.
        let fields = if round % 2 == 0 { &there } else { &back };
        let page = dana.post(ROUTE, fields).await;
        assert_eq!(page.status, 303, "{round}: {}", page.words());
        assert_eq!(ended(&console).await, Progress::Succeeded, "{round}");
        console.has_sent(before + round + 1).await;
    }
    assert_eq!(live(&console).await, json!({ "anet-eedi": 100 }));
    assert_eq!(blamed(&console).await, 0);
}

#[tokio::test]
async fn pages_do_not_jump_back() {
    let (console, mut dana) = console(&flapping()).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    assert_eq!(ended(&console).await, Progress::Succeeded);
    let place = console.services.stages.iter().nth(1).expect("two stages");
    let halves: Route = "anet-eedi=50,anet-green=50".parse().expect("a route");
    for _ in 0..15 {
        looks(&console, 2).await;
        let seen = place.observer.now();
        let (_, endpoint) = seen.endpoints.first_key_value().expect("an endpoint");
        assert_eq!(endpoint.route, halves);
    }
}

#[tokio::test]
async fn an_outside_change_is_recorded_once_despite_flapping_reads() {
    let (console, _dana) = console(&flapping()).await;
    elsewhere(&console, json!({ "anet-eedi": 70, "anet-green": 30 })).await;
    recorded(&console, "anet-eedi=70,anet-green=30").await;
    assert!(console.stale_answers().await > 0);
    looks(&console, 30).await;
    assert_eq!(blamed(&console).await, 1);
}

#[tokio::test]
async fn an_outside_return_to_the_former_route_is_recorded() {
    let (console, mut dana) = console(&LATE).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    assert_eq!(ended(&console).await, Progress::Succeeded);
    assert_eq!(blamed(&console).await, 0);
    elsewhere(&console, json!({ "anet-eedi": 100 })).await;
    recorded(&console, "anet-eedi=100").await;
    assert_eq!(blamed(&console).await, 1);
}

#[tokio::test]
async fn a_route_that_the_console_sent_is_recorded_as_its_own() {
    let (console, mut dana) = console(&StaleReads { reads_max: Some(40), ..LATE }).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    let ended = ended(&console).await;
    assert!(matches!(ended, Progress::Failed { .. }), "{ended:?}");
    recorded(&console, "anet-eedi=50,anet-green=50").await;
    assert_eq!(blamed(&console).await, 0);
    let page = dana.get("/history?kind=settled").await.expect(200);
    page.says("Set the route to anet-eedi 50 %, anet-green 50 %");
}

#[tokio::test]
async fn a_start_during_an_update_waits_and_then_says_try_again() {
    let (console, mut dana) = console(&StaleReads::default()).await;
    let mut endpoint = console.endpoint().await;
    endpoint["tags"] = json!({ "by": "somebody else" });
    // Azure's clock stands still, so its operation does not end.
    console.ask(Method::PUT, &console.arm_path(""), Some(endpoint.clone())).await;
    let before = console.writes().await.len();
    let page = dana.post(ROUTE, &HALVES).await.expect(503);
    page.says("anet-ep-prod is Updating: Azure is carrying out another change.");
    page.says("Nothing was sent; try again in a moment.");
    assert_eq!(console.writes().await.len(), before);
    let (page, ()) = tokio::join!(dana.post(ROUTE, &HALVES), console.advance(5.0));
    page.expect(303);
    assert_eq!(ended(&console).await, Progress::Succeeded);
}
