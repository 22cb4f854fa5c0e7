//! Changes on a protected stage: one person proposes, another approves, the change is carried out once, and
//! everything is recorded.

pub mod evidence;
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
use domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

pub const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
pub const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];
pub const WHY: &str = "Green answers as well as eedi, and costs half";

/// A policy with one approval.
pub fn one() -> Policy {
    Policy { approvals: 1, ..Policy::default() }
}

/// A console whose production stage requires one approval, with a second deployment.
pub async fn protected() -> TestConsole {
    with(one(), Clock::system()).await
}

async fn with(policy: Policy, clock: Clock) -> TestConsole {
    let console = TestConsole::protected(policy, clock).await;
    console.with_deployment("anet-green").await;
    console
}

/// Dana's change, which Leo approved before the stage's policy changed.
async fn approved_before(other: impl Fn(&mut Policy)) -> (TestConsole, Browser, String) {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let mut stopped = console.stop().await;
    stopped.wanted.policies.values_mut().for_each(other);
    (stopped.restart().await, dana, change)
}

/// Proposes to split the traffic half and half; returns the change's path.
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

/// The hash that an approval of this page signs.
async fn seen(who: &mut Browser, change: &str) -> String {
    let page = who.get(change).await.expect(200);
    page.attribute("input[name=seen]", "value").expect("a hash")
}

/// Decides on the state that the page shows now.
pub async fn decide(who: &mut Browser, change: &str, what: &str, comment: &str) -> Page {
    let seen = seen(who, change).await;
    who.post(&format!("{change}/{what}"), &[("seen", &seen), ("comment", comment)]).await
}

/// The change's state, as the heading shows it.
pub async fn standing(who: &mut Browser, change: &str) -> String {
    let page = who.get(change).await.expect(200);
    page.text_of(".change-head .badge").expect("a state")
}

pub async fn eventually_stands(console: &TestConsole, who: &Browser, change: &str, word: &str) {
    let mut who = who.clone();
    console
        .eventually(word, async || {
            // The engine asks Azure again at its own times.
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
    for words in [
        WHY,
        "One approval is required, not from the proposer.",
        "anet-green 50 %",
        "One approval is missing.",
    ] {
        page.says(words);
    }
    // Every page shows who has to act.
    let inbox = leo.get("/changes").await.expect(200);
    inbox.says("One change needs your review.");
    assert_eq!(inbox.text_of(".parts .count").as_deref(), Some("1 needs your review"));
    assert_eq!(dana.get("/").await.text_of(".parts .count"), None);
    dana.get(PROD).await.expect(200).says("1 pending change");

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
    for words in ["Go ahead", "Leo Lead approved it", "Dana Scott started it", "Verified in Azure."]
    {
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
async fn an_outside_change_of_the_route_revokes_approvals() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    let old = seen(&mut leo, &change).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    console.with_route(json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})).await;
    let before = console.writes().await.len();

    // Starting the change shows the reason, and sends nothing.
    let start = format!("{change}/start");
    let page = dana.post(&start, &[("seen", &old)]).await;
    assert!([409, 422].contains(&page.status.as_u16()), "{}", page.words());
    let page = leo.get(&change).await.expect(200);
    page.says("revoked");
    page.says(
        "The route changed: it was anet-eedi 100 %, it is now anet-eedi 90 %, anet-green 10 %.",
    );
    assert_eq!(page.text_of(".approvals s").as_deref(), Some("Leo Lead"));
    assert_eq!(page.text_of(".change-head .badge").as_deref(), Some("waits for approval"));
    dana.get("/history?kind=replanned").await.expect(200).says("The route changed");
    // The approval of the earlier plan does not cover the new one.
    let late = [("seen", old.as_str())];
    leo.post(&format!("{change}/approve"), &late).await.expect(409).says("The plan has changed");

    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(console.writes().await.len(), before);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn approvals_are_revoked_even_if_nobody_opens_the_change() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    leo.get("/changes").await.expect(200).says("No change needs your review.");
    console.with_route(json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})).await;
    let mut inbox = leo.clone();
    console
        .eventually("the change waits again", async || {
            inbox
                .get("/changes")
                .await
                .words()
                .contains("One change needs your review.")
                .then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_hundred_concurrent_starts_start_a_change_once() {
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
    // Pressing Start again after the end has no effect either.
    dana.post(&path, &[("seen", &seen)]).await.expect(409).says("It is over: succeeded.");
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn changes_also_create_and_delete_deployments() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let delete = format!("{PROD}/deployments/anet-green/delete");
    dana.delete(&delete, &[]).await.expect(403).says("Propose the change");
    let fields = [("do", "propose"), ("reason", "It was only a trial")];
    let page = dana.delete(&delete, &fields).await.expect(303);
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
    page.says("Enter a reason for the approvers");
    let whole = parts("It learned from a year more");
    let page = dana.upload(&new, &borrowed(&whole)).await.expect(303);
    let change = page.header("location").expect("a change").to_owned();
    let again = dana.upload(&new, &borrowed(&whole)).await.expect(303);
    assert_eq!(again.header("location"), Some(change.as_str()), "sent twice, proposed once");
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

/// The text of the form's YAML field, with its line breaks.
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
async fn a_change_survives_a_restart() {
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
