//! Live traffic that moves in steps: it advances when a bake passes, rolls back automatically when a bake
//! fails or nothing was measured, and stops when somebody stops it.

mod probe;

use crate::support::{Browser, DANA, PROD, Page, TestConsole};
use domain::policy::Policy;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use std::cell::RefCell;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
/// Seconds that pass between two reads.
const PASS_S: i64 = 5;

/// A policy that moves traffic to a newcomer at 10, 50 and 100 %, and bakes for a minute each.
pub fn policy(conditions: Value) -> Policy {
    in_steps(&[10, 50, 100], conditions)
}

/// The same with other shares.
pub fn in_steps(steps: &[u32], conditions: Value) -> Policy {
    lasting(1, steps, conditions)
}

fn lasting(minutes: u32, steps: &[u32], conditions: Value) -> Policy {
    let promotion = json!({ "steps": steps, "bake_minutes": minutes, "conditions": conditions });
    let promotion = serde_json::from_value(promotion).expect("a promotion");
    Policy { promotion: Some(promotion), ..Policy::default() }
}

/// A console on such a stage, with a newcomer, and with its clock set to Azure's.
async fn console(policy: Policy, newcomer: &str) -> TestConsole {
    let console = TestConsole::protected(policy, Clock::manual(Clock::system().now())).await;
    console.with_deployment(newcomer).await;
    in_step(&console).await;
    console
}

/// Sets the console's clock to Azure's time.
pub async fn in_step(console: &TestConsole) {
    let clock = console.ask(Method::GET, "/emulator/clock", None).await;
    let azure = clock["now"].as_str().and_then(|now| OffsetDateTime::parse(now, &Rfc3339).ok());
    let azure = azure.expect("a time").unix_timestamp_nanos() / 1_000_000;
    let behind = i64::try_from(azure).expect("small") - console.clock.now().0;
    console.clock.advance(behind);
}

/// Moves both clocks.
pub async fn pass(console: &TestConsole, seconds: i64) {
    console.clock.advance(seconds * 1_000);
    console.advance(seconds as f64).await;
}

/// Sends a request to one deployment, as a client does; returns its status.
pub async fn score(console: &TestConsole, name: &str) -> Option<u16> {
    let keys = console.ask(Method::POST, &console.arm_path("/listKeys"), None).await;
    let endpoint = console.endpoint().await;
    let uri = endpoint["properties"]["scoringUri"].as_str()?;
    let request = console.http.post(uri).bearer_auth(keys["primaryKey"].as_str()?);
    let request = request.header("azureml-model-deployment", name);
    let answer = request.body(domain::scoring::SAMPLE).send().await.ok()?;
    Some(answer.status().as_u16())
}

/// Presses *Roll back* on a run's page, with the form as shown.
pub async fn rolled_back(who: &mut Browser, run: &str) -> Page {
    let page = who.get(run).await.expect(200);
    let base = page.attribute("#roll-back input[name=base]", "value").expect("a route");
    who.post(run, &[("decision", "roll-back"), ("base", &base)]).await
}

/// Waits until a deployment's instance answers, with any status.
async fn answers(console: &TestConsole, name: &str) {
    console
        .eventually("it answers", async || {
            score(console, name).await.filter(|status| [200, 424].contains(status))
        })
        .await;
    in_step(console).await;
}

/// Requests all traffic for a newcomer; returns the run's page.
pub async fn promoted(who: &mut Browser, newcomer: &str) -> String {
    let live = format!("live.{newcomer}");
    let fields = [("live.anet-eedi", "0"), (live.as_str(), "100"), ("base", "anet-eedi=100")];
    who.post(ROUTE, &fields).await.expect(303);
    newest(who).await
}

async fn newest(who: &mut Browser) -> String {
    let page = who.get(PROD).await.expect(200);
    page.attribute(".operation .title a", "href").expect("a run")
}

/// Lets time pass and sends requests to some deployments, until a page has this text.
pub async fn says(
    console: &TestConsole,
    who: &mut Browser,
    (path, words): (&str, &str),
    requests: &[&str],
) -> Page {
    let last = LastSeen::default();
    console
        .eventually(words, async || {
            for name in requests {
                score(console, name).await;
            }
            // Azure's clock moves one second ahead.
            console.clock.advance(PASS_S * 1_000);
            console.advance((PASS_S - 1) as f64).await;
            let page = who.get(path).await;
            last.0.replace(page.words());
            page.words().contains(words).then_some(page)
        })
        .await
}

/// The last text of a page; printed if the wait for another text panics.
#[derive(Default)]
struct LastSeen(RefCell<String>);

impl Drop for LastSeen {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the page said last: {}", self.0.borrow());
        }
    }
}

/// The routes that were sent, in order, as Azure's two maps.
async fn sent(console: &TestConsole, before: usize) -> Vec<(Value, Value)> {
    let route = |write: &Value| {
        let properties = &write["body"]["properties"];
        (properties["traffic"].clone(), properties["mirrorTraffic"].clone())
    };
    console.writes().await[before..].iter().map(route).collect()
}

#[tokio::test]
async fn a_newcomer_takes_all_shares_if_each_bake_passes() {
    let conditions = json!({ "requests_min": 3, "errors_percent_max": 1, "p99_ratio_max": 1_000 });
    let console = console(policy(conditions), "anet-green").await;
    console.with_route(json!({ "anet-eedi": 100 }), json!({ "anet-green": 20 })).await;
    answers(&console, "anet-green").await;
    answers(&console, "anet-eedi").await;
    // The last share is compared with the deployments that were live before.
    for _ in 0..3 {
        pass(&console, 60).await;
        assert_eq!(score(&console, "anet-eedi").await, Some(200));
    }
    pass(&console, 60).await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let plan = dana.get(&format!("{ROUTE}?live.anet-eedi=0&live.anet-green=100")).await.expect(200);
    plan.says("Let it bake for 1 minute: anet-green must have at least 3 requests");
    plan.says("anet-eedi 50 %, anet-green 50 %");
    let fields = [
        ("live.anet-eedi", "0"),
        ("live.anet-green", "100"),
        ("mirror", ""),
        ("base", "anet-eedi=100;mirror=anet-green:20"),
    ];
    dana.post(ROUTE, &fields).await.expect(303);
    let run = newest(&mut dana).await;
    let both = ["anet-green", "anet-eedi"];
    says(&console, &mut dana, (&run, "anet-eedi 90 %, anet-green 10 %: bakes until"), &both).await;
    dana.get(PROD).await.expect(200).says("Baking");
    let page = says(&console, &mut dana, (&run, "Verified in Azure.Dana"), &both).await;
    assert_eq!(
        sent(&console, before).await,
        [
            (json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})),
            (json!({ "anet-eedi": 50, "anet-green": 50 }), json!({})),
            (json!({ "anet-green": 100 }), json!({})),
        ]
    );
    page.says("The bake ended, and all conditions are met.");
    // Three conditions at each of three shares.
    assert_eq!(page.words().matches("not met").count(), 0, "{}", page.words());
    assert_eq!(page.text.matches("data-condition=\"met\"").count(), 9, "{}", page.words());
    page.says("at most 1000 ×");
    let history = dana.get("/history?kind=settled").await.expect(200);
    history.says("Set the route to anet-eedi 90 %, anet-green 10 %");
    history.says("Set the route to anet-eedi 50 %, anet-green 50 %");
    // All changes were the console's own: it recorded no outside change.
    let seen = dana.get("/history?kind=observed").await.expect(200);
    assert!(!seen.words().contains("changed outside the console to"), "{}", seen.words());
}

#[tokio::test]
async fn a_newcomer_with_errors_is_rolled_back_before_the_bake_ends() {
    let conditions = json!({ "requests_min": 12, "errors_percent_max": 1 });
    let console = console(lasting(60, &[10, 100], conditions), "fail-scoring-1").await;
    answers(&console, "fail-scoring-1").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let run = promoted(&mut dana, "fail-scoring-1").await;
    let bad = ["fail-scoring-1"; 4];
    let page = says(&console, &mut dana, (&run, "The stage’s policy rolled it back."), &bad).await;
    page.says("The bake was stopped early.");
    page.says("fail-scoring-1: Errors 100 % (required: at most 1 %)");
    page.says("not met");
    let back = newest(&mut dana).await;
    assert_ne!(back, run);
    let page =
        says(&console, &mut dana, (&back, "Verified in Azure.The stage’s policy"), &[]).await;
    page.says("Roll the route back to anet-eedi 100 %");
    assert_eq!(
        sent(&console, before).await,
        [
            (json!({ "anet-eedi": 90, "fail-scoring-1": 10 }), json!({})),
            (json!({ "anet-eedi": 100 }), json!({})),
        ]
    );
    let history = dana.get("/history?kind=settled").await.expect(200);
    history.says("fail-scoring-1: Errors 100 %");
    history.says("The stage’s policy");
    let mut ada = console.signed_in_as("Ada Auditor").await;
    ada.post("/history", &[]).await.expect(200).says("Intact");
}

#[tokio::test]
async fn a_bake_without_measurements_rolls_back() {
    let console = console(policy(json!({ "errors_percent_max": 100 })), "anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let run = promoted(&mut dana, "anet-green").await;
    let late = "Azure Monitor does not have all metrics yet";
    says(&console, &mut dana, (&run, late), &[]).await;
    let page = says(&console, &mut dana, (&run, "The stage’s policy rolled it back."), &[]).await;
    page.says("anet-green: Errors not measured (required: at most 100 %)");
    page.says("unknown");
    console.observes("anet-eedi=100").await;
    assert_eq!(sent(&console, before).await.len(), 2);
}

#[tokio::test]
async fn stopping_a_bake_keeps_the_route_and_offers_a_roll_back() {
    let console = console(policy(json!({ "requests_min": 1 })), "anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let run = promoted(&mut dana, "anet-green").await;
    says(&console, &mut dana, (&run, "anet-green 10 %: bakes until"), &[]).await;
    dana.post(&run, &[("decision", "cancel")]).await.expect(303);
    let page = says(&console, &mut dana, (&run, "Dana Scott stopped it"), &[]).await;
    page.says("The route is now: anet-eedi 90 %, anet-green 10 %.");
    console.observes("anet-eedi=90,anet-green=10").await;
    assert_eq!(sent(&console, before).await.len(), 1);
    rolled_back(&mut dana, &run).await.expect(303);
    console.observes("anet-eedi=100").await;
    assert_eq!(sent(&console, before).await.len(), 2);
}

#[tokio::test]
async fn an_outside_change_during_a_bake_is_not_overwritten() {
    let console = console(policy(json!({ "requests_min": 1 })), "anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let run = promoted(&mut dana, "anet-green").await;
    says(&console, &mut dana, (&run, "anet-green 10 %: bakes until"), &[]).await;
    console.with_route(json!({ "anet-eedi": 70, "anet-green": 30 }), json!({})).await;
    let before = console.writes().await.len();
    let page = says(&console, &mut dana, (&run, "Retry"), &[]).await;
    page.says("Somebody changed the route while");
    page.says("The console did not roll back the route: somebody changed it to");
    assert_eq!(console.writes().await.len(), before);
    dana.post(&run, &[("decision", "leave")]).await.expect(303);
}

#[tokio::test]
async fn a_freeze_pauses_a_promotion() {
    let conditions = json!({ "requests_min": 1 });
    let console = console(in_steps(&[50, 100], conditions), "anet-green").await;
    answers(&console, "anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut leo = console.signed_in_as("Leo Lead").await;
    let run = promoted(&mut dana, "anet-green").await;
    let green = ["anet-green"];
    says(&console, &mut dana, (&run, "anet-green 50 %: bakes until"), &green).await;
    leo.post("/stages/anet-prod/freeze", &[("reason", "Exams")]).await.expect(303);
    says(&console, &mut dana, (&run, "Leo Lead froze anet-prod: Exams."), &green).await;
    console.observes("anet-eedi=50,anet-green=50").await;
    in_step(&console).await;
    leo.post("/stages/anet-prod/thaw", &[("reason", "Exams are over")]).await.expect(303);
    says(&console, &mut dana, (&run, "anet-green 100 %: bakes until"), &green).await;
}

#[tokio::test]
async fn a_bake_keeps_its_elapsed_time_after_a_restart() {
    let console = console(in_steps(&[100], json!({ "requests_min": 1 })), "anet-green").await;
    answers(&console, "anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let run = promoted(&mut dana, "anet-green").await;
    let page =
        says(&console, &mut dana, (&run, "anet-green 100 %: bakes until"), &["anet-green"]).await;
    let until = |page: &Page| {
        let words = page.words();
        let (_, rest) = words.split_once("bakes until ").expect("an end");
        rest.chars().take(23).collect::<String>()
    };
    let end = until(&page);
    let console = console.stop().await.restart().await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&run).await.expect(200);
    assert_eq!(until(&page), end);
    answers(&console, "anet-green").await;
    let whole = "Verified in Azure.Dana";
    says(&console, &mut dana, (&run, whole), &["anet-green"]).await;
}
