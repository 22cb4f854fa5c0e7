//! Releases on a protected stage: a proposal keeps everything that it needs, so later commits do not
//! matter.

use super::{WHY, decide, eventually_stands, one, standing, with};
use crate::support::{Browser, DANA, LEO, TestConsole, VERA};
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

const PLAN: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan";
const REFERENCE: &str = "shadow-nbq-2";
const ANSWER: (&str, &str) = ("in.shadow_deploy_mirror_percentage", "10");

async fn protected() -> TestConsole {
    let console = with(one(), Clock::manual(Clock::system().now())).await;
    console.observed().await;
    console
}

/// The hash of the plan with this input.
async fn planned(who: &mut Browser) -> String {
    let page =
        who.get(&format!("{PLAN}?ref={REFERENCE}&{}={}", ANSWER.0, ANSWER.1)).await.expect(200);
    assert_eq!(page.attribute("button[value=propose]", "disabled"), None, "{}", page.words());
    page.attribute("input[name=plan]", "value").expect("a hash")
}

async fn propose(who: &mut Browser) -> String {
    let hash = planned(who).await;
    let fields =
        [("ref", REFERENCE), ANSWER, ("plan", hash.as_str()), ("do", "propose"), ("reason", WHY)];
    let page = who.post(PLAN, &fields).await.expect(303);
    page.header("location").expect("the change's page").to_owned()
}

async fn moves(console: &TestConsole) {
    let url = format!("{}/repos/anet/ml-azua/contents/notes.md", console.github_api);
    let body = json!({ "message": "Note", "content": "eA==", "branch": REFERENCE });
    let request = console.http.put(url).bearer_auth(&console.github_token).json(&body);
    let done: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert!(done["commit"]["sha"].is_string(), "{done}");
    console.clock.advance(3_000);
}

/// GitHub stops answering.
async fn github_is_down(console: &TestConsole) {
    let matches = json!({ "path_contains": "/api/v3" });
    let fault = json!({ "match": matches, "times": 1_000_000, "respond": { "status": 503 } });
    console.fault(fault).await;
    console.clock.advance(3_000);
}

#[tokio::test]
async fn a_release_is_proposed_approved_and_carried_out_as_it_was_proposed() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let before = console.writes().await.len();
    let change = propose(&mut dana).await;
    let page = leo.get(&change).await.expect(200);
    for words in [WHY, "Carry out the release deploy.yml/deploy-nbq-prod", "shadow-nbq-2 at "] {
        page.says(words);
    }
    let row = page.text_of("#release table tbody").expect("what was answered");
    assert_eq!(row, "shadow_deploy_mirror_percentage2010");
    let href = page.attribute("#release a", "href").expect("the release");
    leo.get(&href).await.expect(200).says("deploy_realtime.yml");
    assert!(!page.words().contains("has moved since"), "{}", page.words());

    moves(&console).await;
    leo.get(&change).await.expect(200).says("shadow-nbq-2 has moved since");
    decide(&mut leo, &change, "approve", "Go ahead").await.expect(303);
    assert_eq!(standing(&mut leo, &change).await, "approved", "a moved branch revokes no approval");
    github_is_down(&console).await;
    leo.get(&change)
        .await
        .expect(200)
        .says("cannot find out now whether shadow-nbq-2 has moved since the proposal");
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    let writes = console.writes().await;
    let route = writes[before..].iter().rev().find(|write| {
        write["method"] == "PUT" && {
            let path = write["path"].as_str().unwrap_or_default();
            path.ends_with("/onlineEndpoints/anet-ep-prod")
        }
    });
    let route = route.expect("the route was set");
    assert_eq!(route["body"]["properties"]["mirrorTraffic"], json!({ "anet-nbq2": 10 }));
    dana.get("/history?kind=proposed").await.expect(200).says("Carry out the release");
}

#[tokio::test]
async fn a_release_that_changed_since_its_page_was_opened_is_not_proposed() {
    let console = protected().await;
    let (mut dana, mut vera) = (console.signed_in_as(DANA).await, console.signed_in_as(VERA).await);
    let hash = planned(&mut dana).await;
    let fields = |hash: &str, reason: &str| {
        [("ref", REFERENCE), ANSWER, ("plan", hash), ("do", "propose"), ("reason", reason)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let post = async |who: &mut Browser, hash: &str, reason: &str| {
        let fields = fields(hash, reason);
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        who.post(PLAN, &fields).await
    };
    post(&mut dana, &"0".repeat(64), WHY)
        .await
        .expect(409)
        .says("The plan has changed since you opened the page");
    post(&mut dana, &hash, " ").await.expect(422).says("Enter a reason");
    post(&mut vera, &hash, WHY).await.expect(403).says("Only these roles may propose changes");
    // Nobody can carry it out directly.
    let direct = [("ref", REFERENCE), ANSWER, ("plan", hash.as_str())];
    dana.post(PLAN, &direct).await.expect(403).says("is a protected stage");
    dana.get("/changes").await.expect(200).says("No other change is pending.");
    let id = console.arm_path("/deployments/anet-nbq2");
    assert!(console.try_ask(Method::GET, &id).await.is_none());
}

#[tokio::test]
async fn a_failing_read_of_azure_revokes_no_approvals() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let matches = json!({ "method": "GET", "path_contains": "/Microsoft.Insights/" });
    let fault = json!({ "match": matches, "times": 1_000_000, "respond": { "status": 503 } });
    console.fault(fault).await;
    console.clock.advance(3_000);
    let before = console.writes().await.len();
    let page = decide(&mut dana, &change, "start", "").await.expect(503);
    page.says(
        "not return this information now: whom alerts call, the endpoint's diagnostic settings",
    );
    console.ask(Method::DELETE, "/emulator/faults", None).await;
    console.clock.advance(3_000);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    console.has_sent(before).await;
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}
