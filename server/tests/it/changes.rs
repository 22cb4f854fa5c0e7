//! Changes on a protected stage: proposed by one, approved by another, carried out once, and all of it kept.

mod evidence;
mod evidence_input;
mod glass;
mod kept;
mod promotion;
mod releases;
mod roles;
mod rules;
mod store;
mod time;
mod views;

use crate::support::{Browser, DANA, LEO, PROD, Page, TestConsole, VERA};
use app::domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

pub const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
pub const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];
pub const WHY: &str = "Green answers as well as eedi, and costs half";

/// One approval.
pub fn one() -> Policy {
    Policy { approvals: 1, ..Policy::default() }
}

/// A console whose production stage asks for one approval, with a second deployment.
pub async fn protected() -> TestConsole {
    with(one(), Clock::system()).await
}

async fn with(policy: Policy, clock: Clock) -> TestConsole {
    let console = TestConsole::protected(policy, clock).await;
    console.with_deployment("anet-green").await;
    console
}

/// Dana's change, approved by Leo before the stage's policy became another one.
async fn approved_before(other: impl Fn(&mut Policy)) -> (TestConsole, Browser, String) {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let mut stopped = console.stop().await;
    stopped.wanted.policies.values_mut().for_each(other);
    (stopped.restart().await, dana, change)
}

/// Proposes half and half; returns the change's path.
pub async fn propose(who: &mut Browser) -> String {
    propose_at(who, "").await
}

pub async fn propose_at(who: &mut Browser, start: &str) -> String {
    propose_because(who, WHY, start).await
}

pub async fn propose_because(who: &mut Browser, why: &str, start: &str) -> String {
    let more = [("do", "propose"), ("reason", why), ("start", start)];
    let page = who.post(ROUTE, &[&HALVES[..], &more].concat()).await.expect(303);
    page.header("location").expect("the change's page").to_owned()
}

/// What the page of a change shows to be approved.
async fn seen(who: &mut Browser, change: &str) -> String {
    let page = who.get(change).await.expect(200);
    page.attribute("input[name=seen]", "value").expect("a hash")
}

/// Decides on what the page shows now.
pub async fn decide(who: &mut Browser, change: &str, what: &str, comment: &str) -> Page {
    let seen = seen(who, change).await;
    who.post(&format!("{change}/{what}"), &[("seen", &seen), ("comment", comment)]).await
}

/// How the heading says that the change stands.
pub async fn standing(who: &mut Browser, change: &str) -> String {
    let page = who.get(change).await.expect(200);
    page.text_of(".change-head .badge").expect("a state")
}

pub async fn eventually_stands(console: &TestConsole, who: &Browser, change: &str, word: &str) {
    let mut who = who.clone();
    console
        .eventually(word, async || {
            // The engine asks Azure again when its own time has come.
            console.clock.advance(1_000);
            (standing(&mut who, change).await == word).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_change_is_proposed_approved_by_a_second_person_and_carried_out() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let before = console.writes().await.len();
    let plan = dana.get(&format!("{ROUTE}?live.anet-eedi=50&live.anet-green=50")).await.expect(200);
    assert!(plan.attribute("button[value=propose]", "name").is_some(), "{}", plan.words());
    let change = propose(&mut dana).await;

    let page = dana.get(&change).await.expect(200);
    for words in
        [WHY, "One person besides the proposer", "anet-green 50 %", "One approval is missing."]
    {
        page.says(words);
    }
    // Who waits for whom is told on every page.
    let inbox = leo.get("/changes").await.expect(200);
    inbox.says("One change waits for you.");
    assert_eq!(inbox.text_of(".parts .count").as_deref(), Some("1 wait for you"));
    assert_eq!(dana.get("/").await.text_of(".parts .count"), None);
    dana.get(PROD).await.expect(200).says("One change waits");

    decide(&mut leo, &change, "approve", "Go ahead").await.expect(303);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    assert_eq!(console.writes().await.len(), before, "approving sends nothing");
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    let writes = console.writes().await;
    let [write] = &writes[before..] else { panic!("one write, not {:#?}", &writes[before..]) };
    assert_eq!(
        write["body"]["properties"]["traffic"],
        json!({ "anet-eedi": 50, "anet-green": 50 })
    );
    let page = dana.get(&change).await.expect(200);
    for words in ["Go ahead", "Leo Lead approved it", "Dana Scott started it", "it is as asked"] {
        page.says(words);
    }
    for (kind, words) in [("proposed", WHY), ("approved", "Go ahead"), ("started", "Started: Set")]
    {
        dana.get(&format!("/history?kind={kind}")).await.expect(200).says(words);
    }
    let entry = dana.get("/history?kind=approved").await.attribute(".record .title a", "href");
    let entry = dana.get(&entry.expect("an entry")).await.expect(200);
    assert_eq!(entry.attribute(&format!("a[href='{change}']"), "href"), Some(change));
    let mut ada = console.signed_in_as("Ada Auditor").await;
    ada.post("/history", &[]).await.expect(200).says("Intact");
}

#[tokio::test]
async fn an_approval_falls_away_when_the_route_is_changed_elsewhere() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    let old = seen(&mut leo, &change).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    console.with_route(json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})).await;
    let before = console.writes().await.len();

    // Whoever starts what was approved is told, and nothing is sent.
    let start = format!("{change}/start");
    let page = dana.post(&start, &[("seen", &old)]).await;
    assert!([409, 422].contains(&page.status.as_u16()), "{}", page.words());
    let page = leo.get(&change).await.expect(200);
    page.says("fell away");
    page.says(
        "The route changed: it was anet-eedi 100 %, it is now anet-eedi 90 %, anet-green 10 %.",
    );
    assert_eq!(page.text_of(".approvals s").as_deref(), Some("Leo Lead"));
    assert_eq!(page.text_of(".change-head .badge").as_deref(), Some("waits for approval"));
    dana.get("/history?kind=replanned").await.expect(200).says("The route changed");
    // An approval of what was seen before is not one of what would be done.
    let late = [("seen", old.as_str())];
    leo.post(&format!("{change}/approve"), &late).await.expect(409).says("no longer what you saw");

    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(console.writes().await.len(), before);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn a_change_in_the_inbox_falls_back_without_anybody_looking_at_it() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    leo.get("/changes").await.expect(200).says("Nothing waits for you.");
    console.with_route(json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})).await;
    let mut inbox = leo.clone();
    console
        .eventually("it waits again", async || {
            inbox.get("/changes").await.words().contains("One change waits for you.").then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_hundred_who_start_it_at_once_start_it_once() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    let seen = seen(&mut dana, &change).await;
    let path = format!("{change}/start");
    let starts = (0..100).map(|number| {
        let mut who = if number % 2 == 0 { dana.clone() } else { leo.clone() };
        let (path, seen) = (path.clone(), seen.clone());
        async move { who.post(&path, &[("seen", &seen)]).await.status.as_u16() }
    });
    let mut statuses = futures::future::join_all(starts).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303, "{statuses:?}");
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
    console.has_sent(before + 1).await;
    eventually_stands(&console, &dana, &change, "succeeded").await;
    // And again, when it is over.
    dana.post(&path, &[("seen", &seen)]).await.expect(409).says("It is over: succeeded.");
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn deployments_are_created_and_deleted_by_changes_too() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let delete = format!("{PROD}/deployments/anet-green/delete");
    dana.post(&delete, &[]).await.expect(403).says("Propose it");
    let fields = [("do", "propose"), ("reason", "It was only a trial")];
    let page = dana.post(&delete, &fields).await.expect(303);
    let change = page.header("location").expect("a change").to_owned();
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut leo, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;

    let example = dana.get(&format!("{PROD}/new-deployment?example=1")).await.expect(200);
    let yaml = example.text_of("textarea[name=yaml]").expect("an example");
    let raw = yaml_of(&example);
    assert!(!yaml.is_empty());
    let new = format!("{PROD}/new-deployment");
    let parts = |reason: &'static str| {
        vec![
            ("yaml", None, raw.clone().into_bytes()),
            ("do", None, b"propose".to_vec()),
            ("reason", None, reason.as_bytes().to_vec()),
        ]
    };
    let no_reason = parts("  ");
    let page = dana.upload(&new, &borrowed(&no_reason)).await.expect(422);
    page.says("whoever approves it will read it");
    let whole = parts("It learned from a year more");
    let page = dana.upload(&new, &borrowed(&whole)).await.expect(303);
    let change = page.header("location").expect("a change").to_owned();
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    assert!(
        console
            .try_ask(reqwest::Method::GET, &console.arm_path("/deployments/anet-green"))
            .await
            .is_some()
    );
}

/// The text of the form, with its lines.
fn yaml_of(page: &Page) -> String {
    let html = scraper::Html::parse_document(&page.text);
    let area = scraper::Selector::parse("textarea[name=yaml]").expect("a selector");
    html.select(&area).next().expect("a text").text().collect()
}

fn borrowed<'a>(
    parts: &'a [(&'a str, Option<&'a str>, Vec<u8>)],
) -> Vec<(&'a str, Option<&'a str>, &'a [u8])> {
    parts.iter().map(|(name, file, bytes)| (*name, *file, bytes.as_slice())).collect()
}

#[tokio::test]
async fn a_change_outlives_a_restart() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    let console = console.stop().await.restart().await;
    eventually_stands(&console, &dana, &change, "succeeded").await;
    let mut vera = console.signed_in_as(VERA).await;
    vera.get("/changes").await.expect(200).says("Set the route to");
}
