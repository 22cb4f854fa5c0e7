//! What gets live traffic: what was approved and nothing else; and without an approval only the way back to what was
//! good, as `app/src/domain/run/roll_back.rs` says.

mod approved;
mod frozen;
mod old;
mod roll_back;
mod sequences;

use crate::changes::{ROUTE, decide, eventually_stands, one};
use crate::support::{Browser, PROD, Page, TestConsole};
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

/// How often somebody tries again who is told to.
const TRIES: usize = 20;

/// All traffic to green, from all to eedi.
pub const GREEN: [(&str, &str); 3] =
    [("live.anet-eedi", "0"), ("live.anet-green", "100"), ("base", "anet-eedi=100")];

/// Proposes a route, has it approved, and starts it; returns the change's and the run's path.
async fn started(
    dana: &mut Browser,
    leo: &mut Browser,
    route: &[(&str, &str)],
) -> (String, String) {
    let change = proposed(dana, route).await;
    decides(leo, &change, "approve").await.expect(303);
    decides(dana, &change, "start").await.expect(303);
    (change, newest(dana).await)
}

/// Sends what is refused for a moment again, as people do: Azure may still report what was there before.
async fn patiently(mut send: impl AsyncFnMut() -> Page) -> Page {
    for _ in 0..TRIES {
        let page = send().await;
        if page.status != 503 || !page.words().contains("try again in a moment") {
            return page;
        }
    }
    send().await
}

async fn decides(who: &mut Browser, change: &str, what: &str) -> Page {
    patiently(async || decide(who, change, what, "").await).await
}

async fn proposed(dana: &mut Browser, route: &[(&str, &str)]) -> String {
    let fields = [route, &[("do", "propose"), ("reason", "It answers as well")]].concat();
    let page = patiently(async || dana.post(ROUTE, &fields).await).await.expect(303);
    page.header("location").expect("a change").to_owned()
}

/// The same, until it has succeeded.
pub async fn carried_out(
    console: &TestConsole,
    dana: &mut Browser,
    leo: &mut Browser,
    route: &[(&str, &str)],
) -> (String, String) {
    let (change, run) = started(dana, leo, route).await;
    eventually_stands(console, dana, &change, "succeeded").await;
    (change, run)
}

/// The newest run of the endpoint.
pub async fn newest(who: &mut Browser) -> String {
    let page = who.get(PROD).await.expect(200);
    page.attribute(".operation .title a", "href").expect("a run")
}

/// Looks at a page until it says so.
pub async fn says(console: &TestConsole, who: &mut Browser, path: &str, words: &str) -> Page {
    console
        .eventually(words, async || {
            console.clock.advance(1_000);
            let page = who.get(path).await;
            page.words().contains(words).then_some(page)
        })
        .await
}

/// Asks for a roll-back from a route that one claims to have seen.
async fn asks_back(who: &mut Browser, run: &str, saw: &str) -> Page {
    who.post(run, &[("decision", "roll-back"), ("base", saw)]).await
}

/// The split that Azure has.
pub async fn split(console: &TestConsole) -> Value {
    console.endpoint().await["properties"]["traffic"].clone()
}

/// Gives a deployment other settings, behind the console's back.
pub async fn updated_elsewhere(console: &TestConsole, name: &str, mode: &str) {
    let (path, mut body) = body(console, name).await;
    body["properties"]["environmentVariables"] = json!({ "MODE": mode });
    console.ask(Method::PUT, &path, Some(body)).await;
    settled(console, name).await;
}

/// A deployment's address and its body as it would be sent again.
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

/// Deletes a deployment and creates another one of that name, behind the console's back.
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

/// A protected stage, with a second deployment; the console waits only while its clock is moved.
async fn protected_by_hand() -> TestConsole {
    let clock = Clock::manual(Clock::system().now());
    let console = TestConsole::protected(one(), clock).await;
    console.with_deployment("anet-green").await;
    console
}

/// Waits until Azure is done with a deployment.
async fn settled(console: &TestConsole, name: &str) {
    let path = console.arm_path(&format!("/deployments/{name}"));
    console
        .eventually("Azure is done with it", async || {
            let body = console.try_ask(Method::GET, &path).await?;
            (body["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
}
