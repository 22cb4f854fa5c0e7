//! Evidence that a policy requires: it is captured and signed with the plan. Missing, failed, old or
//! superseded evidence blocks the change.

use super::{ROUTE, WHY, decide, eventually_stands, seen, standing, with};
use crate::support::{Browser, DANA, LEO, PROD, Page, TestConsole};
use domain::decimal::Decimal;
use domain::evidence::rule::{ReplayRule, Required, ShadowRule};
use domain::policy::Policy;
use reqwest::Method;
use serde_json::json;
use server::clock::Clock;

pub const EVIDENCE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/evidence";
const MINUTE_MS: i64 = 60_000;

/// Requires one approval and a shadow comparison. Latency is not limited, because the test models' latency
/// means nothing.
pub fn on_a_comparison() -> Policy {
    let rule = ShadowRule {
        max_age_hours: 1,
        requests_min: 5,
        p99_ratio_max: Decimal::whole(100_000),
        ..ShadowRule::default()
    };
    let evidence = Required { shadow_comparison: Some(rule), replay_diff: None };
    Policy { approvals: 1, evidence, ..Policy::default() }
}

fn on_a_replay() -> Policy {
    let evidence = Required { shadow_comparison: None, replay_diff: Some(ReplayRule::default()) };
    Policy { approvals: 1, evidence, ..Policy::default() }
}

/// A console on a clock that the test moves.
pub async fn protected(policy: Policy) -> TestConsole {
    with(policy, Clock::manual(Clock::system().now())).await
}

pub async fn mirrored(console: &TestConsole, name: &str) {
    console.with_route(json!({ "anet-eedi": 100 }), json!({ (name): 50 })).await;
    console.observes(&format!("anet-eedi=100;mirror={name}:50")).await;
    measured(console, name).await;
}

async fn measured(console: &TestConsole, name: &str) {
    let keys = console.ask(Method::POST, &console.arm_path("/listKeys"), None).await;
    let key = keys["primaryKey"].as_str().expect("a key");
    let url = console.emulator.join("/endpoints/anet-ep-prod/score").expect("a URL");
    let body = json!({ "student": { "answers": [{ "item": "q1", "correct": true }] }, "top": 5 });
    for _ in 0..60 {
        let request = console.http.post(url.clone()).bearer_auth(key).json(&body);
        request.send().await.expect("an answer");
    }
    let shadow = name.parse().expect("a name");
    // Moves the console's clock forward, so that its window contains all measurements.
    console.clock.advance(5 * MINUTE_MS);
    console
        .eventually("the mirrored requests were measured", async || {
            // The console reads cached values again.
            console.clock.advance(3_000);
            let place = console.services.stages.iter().nth(1)?;
            let all = place.observer.now();
            let (_, endpoint) = all.endpoints.first_key_value()?;
            let traffic = place.traffic.of(place, endpoint, console.clock.now()).await;
            let requests = traffic.of(&shadow)?.minutes.iter().filter_map(|minute| minute.requests);
            (requests.sum::<f32>() >= 5.0).then_some(())
        })
        .await;
}

pub async fn propose(who: &mut Browser, name: &str) -> String {
    let (share, base) = (format!("live.{name}"), format!("anet-eedi=100;mirror={name}:50"));
    let fields = [
        ("live.anet-eedi", "50"),
        (share.as_str(), "50"),
        ("base", base.as_str()),
        ("do", "propose"),
        ("reason", WHY),
    ];
    let page = who.post(ROUTE, &fields).await.expect(303);
    page.header("location").expect("the change's page").to_owned()
}

pub async fn capture(who: &mut Browser, name: &str) -> Page {
    let fields = [("kind", "shadow_comparison"), ("deployment", name)];
    who.post(EVIDENCE, &fields).await
}

#[tokio::test]
async fn more_live_traffic_requires_the_policys_evidence() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    mirrored(&console, "anet-green").await;
    let stage = dana.get("/stages/anet-prod").await.expect(200);
    stage.says("A shadow comparison, at most 1 h old: at least 5 requests on each side");
    // Proposing works without evidence, and the plan's page names what is missing.
    let query = "live.anet-eedi=50&live.anet-green=50";
    let plan = dana.get(&format!("{ROUTE}?{query}")).await.expect(200);
    plan.says("The shadow comparison of anet-green is missing.");
    assert_eq!(plan.attribute("button[value=propose]", "disabled"), None);
    let change = propose(&mut dana, "anet-green").await;

    let page = leo.get(&change).await.expect(200);
    let section = page.text_of("#evidence").expect("a section");
    assert!(section.contains("missing") && section.contains("Valid for 1 h"), "{section}");
    assert!(page.attribute("button[formaction$=approve]", "disabled").is_some());
    let missing = "The shadow comparison of anet-green is missing.";
    decide(&mut leo, &change, "approve", "").await.expect(422).says(missing);
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");
    leo.get("/history?kind=denied").await.expect(200).says("Rejected: approve a change");

    // The proposer captures it on the change's page.
    let id = change.rsplit('/').next().expect("an id");
    let fields = [("kind", "shadow_comparison"), ("deployment", "anet-green"), ("change", id)];
    let back = dana.post(EVIDENCE, &fields).await.expect(303);
    assert_eq!(back.header("location"), Some(format!("{change}#evidence").as_str()));
    let page = leo.get(&change).await.expect(200);
    let section = page.text_of("#evidence").expect("a section");
    for words in
        ["passed", "each side needs 5", "at most 1 % is allowed", "by Dana Scott", "SHA-256"]
    {
        assert!(section.contains(words), "{words}: {section}");
    }
    page.says("now covers the shadow comparison of anet-green, which Dana Scott captured at ");
    decide(&mut leo, &change, "approve", "The numbers are good").await.expect(303);
    let before = console.writes().await.len();
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    console.has_sent(before + 1).await;

    // Later readers see the signed evidence, and find it in the ledger.
    let page = dana.get(&change).await.expect(200);
    let href = page.attribute("#evidence .title a", "href").expect("the evidence");
    let evidence = dana.get(&href).await.expect(200);
    evidence.says("Shadow comparison of anet-green");
    let hash = evidence.text_of(".hash").expect("a hash");
    let canonical = evidence.text_of("pre").expect("what was hashed");
    assert_eq!(server::hash::sha256(&canonical), hash);
    let record = dana.get("/history?kind=captured").await.expect(200);
    record.says("Captured: Shadow comparison of anet-green");
    let entry = dana.get("/history?kind=approved").await.attribute(".record .title a", "href");
    let entry = dana.get(&entry.expect("an entry")).await.expect(200);
    entry.says(&format!("sha256:{hash}"));
    assert_eq!(entry.attribute(&format!("a[href='{href}']"), "href"), Some(href));
    dana.get(&format!("{PROD}/evidence")).await.expect(200).says("Newest first");
}

#[tokio::test]
async fn new_evidence_requires_new_approvals() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    mirrored(&console, "anet-green").await;
    capture(&mut dana, "anet-green").await.expect(303);
    let change = propose(&mut dana, "anet-green").await;
    let old = seen(&mut leo, &change).await;
    // New evidence arrives while a lead reads the page.
    capture(&mut dana, "anet-green").await.expect(303);
    let late = [("seen", old.as_str())];
    leo.post(&format!("{change}/approve"), &late).await.expect(409).says("The plan has changed");
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");

    decide(&mut leo, &change, "approve", "").await.expect(303);
    capture(&mut leo, "anet-green").await.expect(303);
    let page = leo.get(&change).await.expect(200);
    assert_eq!(page.text_of(".change-head .badge").as_deref(), Some("waits for approval"));
    page.says("There is a new shadow comparison of anet-green: Leo Lead captured it at ");
    assert_eq!(page.text_of(".approvals s").as_deref(), Some("Leo Lead"));
    let before = console.writes().await.len();
    decide(&mut dana, &change, "start", "").await.expect(422).says("One approval is missing.");
    console.has_sent(before).await;
}

/// A change to anet-green that Leo approved together with its evidence.
async fn approved(console: &TestConsole, dana: &mut Browser, leo: &mut Browser) -> String {
    mirrored(console, "anet-green").await;
    capture(dana, "anet-green").await.expect(303);
    let change = propose(dana, "anet-green").await;
    decide(leo, &change, "approve", "").await.expect(303);
    change
}

#[tokio::test]
async fn evidence_that_is_too_old_blocks_the_start_but_revokes_nothing() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = approved(&console, &mut dana, &mut leo).await;
    console.clock.advance(61 * MINUTE_MS);
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&change).await.expect(200);
    assert_eq!(page.text_of(".change-head .badge").as_deref(), Some("approved"));
    assert!(page.text_of("#evidence").expect("a section").contains("too old"));
    let before = console.writes().await.len();
    let old = "The shadow comparison of anet-green is too old.";
    decide(&mut dana, &change, "start", "").await.expect(422).says(old);
    console.has_sent(before).await;
    let second = propose(&mut dana, "anet-green").await;
    let mut leo = console.signed_in_as(LEO).await;
    decide(&mut leo, &second, "approve", "").await.expect(422).says(old);
}

#[tokio::test]
async fn failed_evidence_blocks_approval() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    console.with_deployment("fail-scoring").await;
    mirrored(&console, "fail-scoring").await;
    let kept = capture(&mut dana, "fail-scoring").await.expect(303);
    let href = kept.header("location").expect("the evidence").to_owned();
    dana.get(&href).await.expect(200).says("100 % of the shadow's requests failed");
    let change = propose(&mut dana, "fail-scoring").await;
    let page = leo.get(&change).await.expect(200);
    assert!(page.text_of("#evidence").expect("a section").contains("failed"));
    let why = "The shadow comparison of fail-scoring does not meet the policy.";
    decide(&mut leo, &change, "approve", "").await.expect(422).says(why);
}

#[tokio::test]
async fn a_recreated_deployment_needs_new_evidence() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    mirrored(&console, "anet-green").await;
    capture(&mut dana, "anet-green").await.expect(303);
    // Somebody gives the name to another model, outside the console.
    console.with_route(json!({ "anet-eedi": 100 }), json!({})).await;
    let path = console.arm_path("/deployments/anet-green");
    console.ask(Method::DELETE, &path, None).await;
    console
        .eventually("it is gone", async || {
            console.try_ask(Method::GET, &path).await.is_none().then_some(())
        })
        .await;
    console.with_deployment("anet-green").await;
    console.with_route(json!({ "anet-eedi": 100 }), json!({ "anet-green": 50 })).await;
    console.observes("anet-eedi=100;mirror=anet-green:50").await;
    let change = propose(&mut dana, "anet-green").await;
    let page = decide(&mut leo, &change, "approve", "").await.expect(422);
    page.says("is about an earlier deployment or route");
}

#[tokio::test]
async fn a_reconfigured_deployment_needs_new_evidence() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = approved(&console, &mut dana, &mut leo).await;
    // Somebody changes a variable outside the console; model and image stay the same.
    let path = console.arm_path("/deployments/anet-green");
    let mut body = console.ask(Method::GET, &path, None).await;
    body["properties"]["environmentVariables"]["NBQ_TEMPERATURE"] = json!("0.9");
    console.ask(Method::PUT, &path, Some(body)).await;
    let why = "is about an earlier deployment or route";
    console
        .eventually("the approvals were revoked", async || {
            leo.get(&change).await.words().contains("revoked").then_some(())
        })
        .await;
    leo.get(&change).await.expect(200).says("The settings of anet-green changed");
    decide(&mut leo, &change, "approve", "").await.expect(422).says(why);
}

#[tokio::test]
async fn a_replay_stores_neither_the_answers_nor_the_request() {
    let console = protected(on_a_replay()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    mirrored(&console, "anet-green").await;
    let change = propose(&mut dana, "anet-green").await;
    let secret = "q17";
    let body =
        format!(r#"{{"student":{{"answers":[{{"item":"{secret}","correct":true}}]}},"top":5}}"#);
    let fields = [
        ("kind", "replay_diff"),
        ("target", "anet-green"),
        ("target", "anet-eedi"),
        ("body", body.as_str()),
    ];
    let kept = dana.post(EVIDENCE, &fields).await.expect(303);
    let href = kept.header("location").expect("the evidence").to_owned();
    let page = dana.get(&href).await.expect(200);
    page.says("anet-eedi answered 200");
    page.says("anet-green answered 200");
    page.says("0 of ");
    assert!(!page.text.contains(secret), "{}", page.words());
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut leo, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

/// A typing error in a test request is not an error of the model, so it must not decide a promotion.
#[tokio::test]
async fn the_consoles_own_requests_do_not_count_as_evidence() {
    let console = protected(on_a_comparison()).await;
    let mut dana = console.signed_in_as(DANA).await;
    console.with_route(json!({ "anet-eedi": 100 }), json!({ "anet-green": 50 })).await;
    console.observes("anet-eedi=100;mirror=anet-green:50").await;
    let test = format!("{PROD}/test");
    for _ in 0..3 {
        let malformed = [("target", "anet-green"), ("body", r#"{"student":5}"#)];
        dana.post(&test, &malformed).await.expect(200);
    }
    measured(&console, "anet-green").await;
    let page = capture(&mut dana, "anet-green").await.expect(303);
    let page = dana.get(page.header("location").expect("the evidence")).await.expect(200);
    page.says(
        "3 requests to the shadow and 0 to the live side were the console's own. They are left",
    );
    page.says("0 % of the shadow's requests failed");
    let kept = page.text_of("pre").expect("what was hashed");
    assert!(kept.contains(r#""own":{"live":0,"shadow":3,"split":0}"#), "{kept}");
}

/// A form that is rejected because two deployments were not chosen keeps the person's input.
#[tokio::test]
async fn a_rejected_replay_form_keeps_the_request() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let fields = [("kind", "replay_diff"), ("target", "split"), ("body", r#"{"mine":1}"#)];
    let page = dana.post(&format!("{PROD}/test"), &fields).await.expect(422);
    page.says("Choose them by name instead of the live traffic split");
    assert_eq!(page.text_of("#body").as_deref().map(str::trim), Some(r#"{"mine":1}"#));
}
