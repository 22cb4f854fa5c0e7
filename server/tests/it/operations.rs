//! Azure misbehaves, or the console stops in the middle of an operation.

use crate::support::{DANA, PROD, TestConsole};
use domain::run::operation::{Operation, Progress};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];

async fn operations(console: &TestConsole) -> Vec<Operation> {
    let stage = console.services.stages.iter().nth(1).expect("two stages").stage.name.clone();
    let at =
        domain::stage::EndpointKey { stage, endpoint: "anet-ep-prod".parse().expect("a name") };
    console.services.operations.table.recent(&at.into()).await.expect("a store")
}

async fn ended(console: &TestConsole) -> Progress {
    console
        .eventually("the operation is over", async || {
            let all = operations(console).await;
            let newest = all.first().filter(|operation| !operation.is_open())?;
            Some(newest.progress.clone())
        })
        .await
}

fn fault(method: &str, path: &str, times: u32, respond: &Value) -> Value {
    json!({
        "match": { "method": method, "path_contains": path },
        "times": times,
        "respond": respond,
    })
}

async fn split(console: &TestConsole) -> Value {
    console.endpoint().await["properties"]["traffic"].clone()
}

#[tokio::test]
async fn a_throttled_write_is_retried_after_azures_delay() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let throttled = json!({ "status": 429, "retry_after": 2 });
    console.fault(fault("PUT", "anet-ep-prod", 1, &throttled)).await;
    let before = Instant::now();
    dana.post(ROUTE, &HALVES).await.expect(303);
    console
        .eventually("the page says so", async || {
            let page = dana.get(PROD).await;
            page.words().contains("Azure is throttling requests; retry after 2 s").then_some(())
        })
        .await;
    assert_eq!(ended(&console).await, Progress::Succeeded);
    assert!(before.elapsed() >= Duration::from_secs(2));
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
}

/// The routes of the endpoint's writes, without the first `before`.
async fn routes_sent(console: &TestConsole, before: usize) -> Vec<Value> {
    let writes = console.writes().await;
    writes[before..].iter().map(|write| write["body"]["properties"]["traffic"].clone()).collect()
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_resolved_by_reading() {
    let lost = [json!({ "status": 500 }), json!("garbage"), json!("drop"), json!("lost")];
    for respond in lost {
        let console = TestConsole::start().await;
        console.with_deployment("anet-green").await;
        let mut dana = console.signed_in_as(DANA).await;
        let before = console.writes().await.len();
        console.fault(fault("PUT", "anet-ep-prod", 1, &respond)).await;
        dana.post(ROUTE, &HALVES).await.expect(303);
        assert_eq!(ended(&console).await, Progress::Succeeded, "{respond}");
        let halves = json!({ "anet-eedi": 50, "anet-green": 50 });
        assert_eq!(split(&console).await, halves);
        // Azure took exactly one write, whether or not it had taken the first one.
        assert_eq!(routes_sent(&console, before).await, [halves], "{respond}");
    }
}

#[tokio::test]
async fn errors_while_polling_delay_a_run_but_do_not_fail_it() {
    let throttled = json!({ "status": 429, "retry_after": 1 });
    for respond in [throttled, json!({ "status": 500 }), json!("garbage"), json!("drop")] {
        let console = TestConsole::start().await;
        console.with_deployment("anet-green").await;
        let mut dana = console.signed_in_as(DANA).await;
        console.fault(fault("GET", "mfeOperationsStatus", 3, &respond)).await;
        dana.post(ROUTE, &HALVES).await.expect(303);
        assert_eq!(ended(&console).await, Progress::Succeeded, "{respond}");
        assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
    }
}

#[tokio::test]
async fn nothing_is_sent_when_the_endpoint_cannot_be_read_first() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let denied = json!({ "status": 403 });
    console.fault(fault("GET", "onlineEndpoints/anet-ep-prod", 1000, &denied)).await;
    let page = dana.post(ROUTE, &HALVES).await.expect(422);
    page.says("Nothing was changed.");
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_restart_continues_the_run() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    let began = operations(&console).await;
    assert!(began[0].is_open(), "{began:?}");
    let console = console.stop().await.restart().await;
    let known = operations(&console).await;
    assert_eq!(known[0].id, began[0].id);
    assert_eq!(ended(&console).await, Progress::Succeeded);
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
    // The session survives the restart, too.
    dana.get(PROD).await.expect(200).says("Verified in Azure.");
}
