//! Live traffic only goes to what was approved. Without an approval, only a roll-back to the good state is
//! possible, as `app/domain/src/run/roll_back.rs` says.

mod approved;
mod deleted;
mod frozen;
mod old;
mod roll_back;
mod sequences;

use crate::changes::ROUTE;

use crate::changes::decide;

use crate::changes::eventually_stands;

use crate::changes::one;
use crate::support::{Browser, PROD, Page, TestConsole};
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

/// All traffic to green; before, all traffic was at eedi.
pub const GREEN: [(&str, &str); 3] =
    [("live.anet-eedi", "0"), ("live.anet-green", "100"), ("base", "anet-eedi=100")];

/// Proposes a route, has it approved, and starts it; returns the paths of the change and the run.
async fn started(
    console: &TestConsole,
    dana: &mut Browser,
    leo: &mut Browser,
    route: &[(&str, &str)],
) -> (String, String) {
    let change = proposed(console, dana, route).await;
    decides(console, leo, &change, "approve").await.expect(303);
    decides(console, dana, &change, "start").await.expect(303);
    (change, newest(dana).await)
}

/// Retries a form that is refused temporarily, as people do: Azure may still report the former state. In between, the
/// console reads Azure.
async fn patiently(console: &TestConsole, mut send: impl AsyncFnMut() -> Page) -> Page {
    console
        .eventually("the form is not refused temporarily", async || {
            console.clock.advance(1_000);
            let page = send().await;
            let is_temporary = page.status == 503 && page.words().contains("try again in a moment");
            (!is_temporary).then_some(page)
        })
        .await
}

async fn decides(console: &TestConsole, who: &mut Browser, change: &str, what: &str) -> Page {
    patiently(console, async || decide(who, change, what, "").await).await
}

async fn proposed(console: &TestConsole, dana: &mut Browser, route: &[(&str, &str)]) -> String {
    let fields = [route, &[("do", "propose"), ("reason", "It answers as well")]].concat();
    let page = patiently(console, async || dana.post(ROUTE, &fields).await).await.expect(303);
    page.header("location").expect("a change").to_owned()
}

/// Like [`started`], and waits until the run has succeeded.
pub async fn carried_out(
    console: &TestConsole,
    dana: &mut Browser,
    leo: &mut Browser,
    route: &[(&str, &str)],
) -> (String, String) {
    let (change, run) = started(console, dana, leo, route).await;
    eventually_stands(console, dana, &change, "succeeded").await;
    (change, run)
}

pub async fn newest(who: &mut Browser) -> String {
    let page = who.get(PROD).await.expect(200);
    page.attribute(".operation .title a", "href").expect("a run")
}

/// Reads a page until it has this text.
pub async fn says(console: &TestConsole, who: &mut Browser, path: &str, words: &str) -> Page {
    console
        .eventually(words, async || {
            console.clock.advance(1_000);
            let page = who.get(path).await;
            page.words().contains(words).then_some(page)
        })
        .await
}

/// Requests a roll-back from the route that the person claims to have seen.
async fn asks_back(who: &mut Browser, run: &str, saw: &str) -> Page {
    who.post(run, &[("decision", "roll-back"), ("base", saw)]).await
}

/// The traffic split in Azure.
pub async fn split(console: &TestConsole) -> Value {
    console.endpoint().await["properties"]["traffic"].clone()
}

/// Changes a deployment's settings outside the console.
pub async fn updated_elsewhere(console: &TestConsole, name: &str, mode: &str) {
    let (path, mut body) = body(console, name).await;
    body["properties"]["environmentVariables"] = json!({ "MODE": mode });
    console.ask(Method::PUT, &path, Some(body)).await;
    settled(console, name).await;
}

/// A deployment's path, and its body as a client would send it again.
async fn body(console: &TestConsole, name: &str) -> (String, Value) {
    let path = console.arm_path(&format!("/deployments/{name}"));
    let now = console.ask(Method::GET, &path, None).await;
    let mut body = json!({
        "location": now["location"], "tags": now["tags"], "sku": now["sku"],
        "properties": now["properties"],
    });
    if let Some(fields) = body["properties"].as_object_mut() {
        fields.remove("provisioningState");
    }
    (path, body)
}

/// Deletes a deployment and creates another one with the same name, outside the console.
async fn created_again_elsewhere(console: &TestConsole, name: &str) {
    let (path, body) = body(console, name).await;
    console.ask(Method::DELETE, &path, None).await;
    console
        .eventually("it is gone", async || {
            console.try_ask(Method::GET, &path).await.is_none().then_some(())
        })
        .await;
    console.ask(Method::PUT, &path, Some(body)).await;
    settled(console, name).await;
}

/// A protected stage with a second deployment. The console's waits end only when the test moves the clock.
async fn protected_by_hand() -> TestConsole {
    let clock = Clock::manual(Clock::system().now());
    let console = TestConsole::protected(one(), clock).await;
    console.with_deployment("anet-green").await;
    console
}

/// Waits until Azure has finished the deployment's operation.
async fn settled(console: &TestConsole, name: &str) {
    let path = console.arm_path(&format!("/deployments/{name}"));
    console
        .eventually("Azure is done with it", async || {
            let body = console.try_ask(Method::GET, &path).await?;
            (body["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
}
