//! A deletion removes the deployment that a person saw or approved, never another of the same name.

use super::{created_again_elsewhere, patiently, protected_by_hand, says};
use crate::changes::{decide, eventually_stands, protected};
use crate::support::{Browser, DANA, LEO, PROD, TestConsole};
use reqwest::Method;
use serde_json::json;

fn delete() -> String {
    format!("{PROD}/deployments/anet-green/delete")
}

async fn saw(who: &mut Browser) -> String {
    who.get(&delete()).await.attribute("input[name=made_of]", "value").expect("a mark")
}

async fn is_there(console: &TestConsole) -> bool {
    let path = console.arm_path("/deployments/anet-green");
    let body = console.try_ask(Method::GET, &path).await;
    body.is_some_and(|body| body["properties"]["provisioningState"] == "Succeeded")
}

async fn proposed(console: &TestConsole, dana: &mut Browser) -> String {
    let saw = saw(dana).await;
    let fields = [("made_of", saw.as_str()), ("do", "propose"), ("reason", "It is not used")];
    let page = patiently(console, async || dana.post(&delete(), &fields).await).await.expect(303);
    page.header("location").expect("a change").to_owned()
}

#[tokio::test]
async fn a_deployment_that_was_recreated_after_the_page_is_not_deleted_or_proposed() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let saw = saw(&mut dana).await;
    created_again_elsewhere(&console, "anet-green").await;
    let before = console.writes().await.len();
    let send = [("made_of", saw.as_str())];
    let propose = [send[0], ("do", "propose"), ("reason", "It is not used")];
    for fields in [&send[..], &propose] {
        let page = dana.post(&delete(), fields).await.expect(409);
        page.says("deleted and created again");
    }
    console.has_sent(before).await;
    assert!(is_there(&console).await);
    // The page of the new deployment deletes it.
    let now = console
        .eventually("the page shows the new deployment", async || {
            let now = dana.get(&delete()).await.attribute("input[name=made_of]", "value")?;
            (now != saw).then_some(now)
        })
        .await;
    dana.post(&delete(), &[("made_of", now.as_str())]).await.expect(303);
    console.eventually("it is deleted", async || (!is_there(&console).await).then_some(())).await;
}

/// A read that lists a deployment after its deletion may be outdated, but not if the deployment is younger.
#[tokio::test]
async fn a_deployment_that_was_recreated_after_its_deletion_is_not_called_outdated() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let former = saw(&mut dana).await;
    dana.post(&delete(), &[("made_of", former.as_str())]).await.expect(303);
    console
        .eventually("it is deleted", async || {
            let open = console.services.operations.table.open().await.expect("a store");
            (open.is_empty() && !is_there(&console).await).then_some(())
        })
        .await;
    // Azure's clock is not behind the console's.
    console.advance(600.0).await;
    console.with_deployment("anet-green").await;
    console.observed().await;
    let before = console.writes().await.len();
    let page = dana.post(&delete(), &[("made_of", former.as_str())]).await.expect(409);
    page.says("deleted and created again");
    console.has_sent(before).await;
}

#[tokio::test]
async fn a_deployment_that_was_recreated_after_the_approval_is_not_deleted() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = proposed(&console, &mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    created_again_elsewhere(&console, "anet-green").await;
    let before = console.writes().await.len();
    dana.post(&format!("{change}/start"), &[("seen", "0")]).await;
    eventually_stands(&console, &dana, &change, "waits for approval").await;
    dana.get(&change).await.expect(200).says("anet-green was recreated.");
    console.has_sent(before).await;
    assert!(is_there(&console).await);
}

/// Azure throttles the DELETE, and the deployment is another one when the console retries it.
#[tokio::test]
async fn a_deployment_that_was_recreated_during_throttling_is_not_deleted() {
    let console = protected_by_hand().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = proposed(&console, &mut dana).await;
    let later = json!({ "match": { "method": "DELETE", "path_contains": "anet-green" },
        "times": 1, "respond": { "status": 429, "retry_after": 3 } });
    console.fault(later).await;
    super::decides(&console, &mut leo, &change, "approve").await.expect(303);
    super::decides(&console, &mut dana, &change, "start").await.expect(303);
    let run = super::newest(&mut dana).await;
    console
        .eventually("the write was retried", async || {
            dana.get(&run).await.words().contains("then retries").then_some(())
        })
        .await;
    created_again_elsewhere(&console, "anet-green").await;
    let page = says(&console, &mut dana, &run, "anet-green has changed since").await;
    page.says("time of creation");
    page.says("Nothing was sent by this step.");
    let page = dana.post(&run, &[("decision", "retry")]).await.expect(422);
    page.says("A retry would not do what was planned.");
    assert!(is_there(&console).await);
}
