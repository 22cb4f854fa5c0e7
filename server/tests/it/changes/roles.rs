//! People who lose their role after they proposed or approved a change.

use super::{
    approved_before, decide, eventually_stands, one, propose, propose_at, protected, standing, with,
};
use crate::support::{Browser, DANA, LEO, TestConsole};
use domain::policy::Policy;
use domain::timestamp::Timestamp;
use reqwest::Method;
use serde_json::json;
use server::clock::Clock;

const ADA: &str = "Ada Auditor";

/// An administrator of Entra replaces the account's role.
async fn assign(console: &TestConsole, account: &str, role: &str) {
    let path = format!("/emulator/accounts/{account}");
    let roles = json!({ "roles": [format!("Understudy.{role}")] });
    console.ask(Method::PUT, &path, Some(roles)).await;
}

async fn eventually_says(console: &TestConsole, who: &Browser, change: &str, words: &str) {
    let mut who = who.clone();
    console
        .eventually(words, async || {
            who.get(change).await.expect(200).words().contains(words).then_some(())
        })
        .await;
}

#[tokio::test]
async fn approvals_of_people_who_lost_their_role_are_revoked() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "Go ahead").await.expect(303);
    assign(&console, "leo", "Viewer").await;
    // The console learns about it when Leo signs in again.
    assert_eq!(standing(&mut dana, &change).await, "approved");
    let before = console.writes().await.len();
    console.signed_in_as(LEO).await;

    let page = decide(&mut dana, &change, "start", "").await;
    assert!([409, 422].contains(&page.status.as_u16()), "{}", page.words());
    console.has_sent(before).await;
    let why = "Leo Lead may not approve any more (roles at the latest sign-in: Viewer).";
    eventually_says(&console, &dana, &change, why).await;
    let page = dana.get(&change).await.expect(200);
    assert_eq!(page.text_of(".approvals s").as_deref(), Some("Leo Lead"));
    assert_eq!(page.text_of(".change-head .badge").as_deref(), Some("waits for approval"));
    page.says("revoked Leo Lead’s approval");
    dana.get("/history?kind=lapsed").await.expect(200).says("Leo Lead may not approve any more");

    // The change waits in the inbox of the current leads.
    assign(&console, "ada", "Lead").await;
    let mut ada = console.signed_in_as(ADA).await;
    ada.get("/changes").await.expect(200).says("One change needs your review.");
    decide(&mut ada, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn approvals_of_people_whom_the_policy_no_longer_names_are_revoked() {
    let another = |policy: &mut Policy| policy.approvers = ["ada@anet.example".to_owned()].into();
    let (console, mut dana, change) = approved_before(another).await;
    let why = "The stage's policy does not name Leo Lead as an approver any more.";
    eventually_says(&console, &dana, &change, why).await;
    decide(&mut dana, &change, "start", "").await.expect(422).says("One approval is missing.");
}

#[tokio::test]
async fn a_scheduled_change_does_not_start_if_its_proposer_lost_the_right() {
    let noon = Timestamp::parse_utc("2026-06-10T12:00").expect("a time");
    let console = with(one(), Clock::manual(noon)).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose_at(&mut dana, "2026-06-10T12:20").await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    assign(&console, "dana", "Viewer").await;
    console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    console.clock.advance(20 * 60_000);
    let words =
        "It does not start by itself: Dana Scott, who proposed it, may not start changes any more";
    eventually_says(&console, &leo, &change, words).await;
    console.has_sent(before).await;
    assert_eq!(standing(&mut leo, &change).await, "approved");
    // Somebody with the right starts it by hand.
    decide(&mut leo, &change, "start", "").await.expect(303);
    eventually_stands(&console, &leo, &change, "succeeded").await;
    console.has_sent(before + 1).await;
}
