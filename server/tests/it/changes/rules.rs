//! Who may do what with a change, and how invalid input is rejected.

use super::{
    HALVES, ROUTE, WHY, approved_before, decide, one, propose, protected, seen, standing, with,
};
use crate::support::{DANA, LEO, PROD, VERA};
use domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn nobody_approves_what_they_proposed() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let change = propose(&mut leo).await;
    let page = leo.get(&change).await.expect(200);
    page.says("You proposed it. A second person has to approve it.");
    assert!(page.attribute("button[formaction$=approve]", "disabled").is_some());
    leo.get("/changes").await.expect(200).says("No change needs your review.");
    decide(&mut leo, &change, "approve", "").await.expect(422).says("A second person");
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");
    let denied = leo.get("/history?kind=denied").await.expect(200);
    denied.says("Rejected: approve a change");
    let link = denied.attribute(&format!(".record a[href='{change}']"), "href");
    assert_eq!(link.as_deref(), Some(change.as_str()), "the entry leads to the change");
}

#[tokio::test]
async fn a_change_that_would_change_nothing_cannot_be_approved() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    console.with_route(json!({ "anet-eedi": 50, "anet-green": 50 }), json!({})).await;
    console.observes("anet-eedi=50,anet-green=50").await;
    // Until Azure has finished, guards can block for a moment, which does not keep anybody from approving.
    let page = console
        .eventually("approving is pointless", async || {
            let page = leo.get(&change).await;
            page.attribute("button[formaction$=approve]", "disabled").is_some().then_some(page)
        })
        .await;
    page.says("The route is already like this.");
    let page = decide(&mut leo, &change, "approve", "").await.expect(422);
    page.says("The route is already like this.");
    page.says("Nothing was approved.");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
}

#[tokio::test]
async fn two_accounts_of_one_person_count_as_one() {
    let pair = ["dana@anet.example".to_owned(), "leo@anet.example".to_owned()];
    let policy = Policy { same_person: vec![pair.into()], ..one() };
    let console = with(policy, Clock::system()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(422).says("You proposed it.");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
}

#[tokio::test]
async fn only_the_policys_approvers_can_approve() {
    let policy = Policy { approvers: ["lee@anet.example".to_owned()].into(), ..one() };
    let console = with(policy, Clock::system()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(422).says("Ask one of them");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
}

#[tokio::test]
async fn people_without_the_right_are_refused() {
    let console = protected().await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut leo = console.signed_in_as(LEO).await;
    let mut vera = console.signed_in_as(VERA).await;
    // Nobody can change a protected stage directly.
    for who in [&mut dana, &mut leo] {
        who.post(ROUTE, &HALVES).await.expect(403).says("is a protected stage");
    }
    let more = [("do", "propose"), ("reason", WHY)];
    let page = vera.post(ROUTE, &[&HALVES[..], &more].concat()).await.expect(403);
    page.says("Only these roles may propose changes");
    let change = propose(&mut dana).await;
    decide(&mut dana, &change, "approve", "")
        .await
        .expect(403)
        .says("Only these roles may approve");
    for what in ["approve", "refuse", "start", "withdraw"] {
        decide(&mut vera, &change, what, "no").await.expect(403);
    }
    decide(&mut dana, &change, "start", "").await.expect(422).says("One approval is missing.");
    decide(&mut leo, &change, "withdraw", "").await.expect(422).says("Only Dana Scott");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
    let denied = dana.get("/history?kind=denied").await.expect(200);
    for words in ["Not allowed: approve a change", "Rejected: start a change", "set the route"] {
        denied.says(words);
    }
    // Everybody who may see a change may comment on it.
    decide(&mut vera, &change, "comment", "Please wait for <b>exams</b>").await.expect(303);
    let page = dana.get(&change).await.expect(200);
    page.says("Please wait for <b>exams</b>");
    console.browser().get(&change).await.expect(303);
}

#[tokio::test]
async fn a_change_is_refused_with_a_reason_and_withdrawn_without() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let first = propose(&mut dana).await;
    decide(&mut leo, &first, "refuse", "").await.expect(422).says("Say why");
    decide(&mut leo, &first, "refuse", "Not before the exams").await.expect(303);
    let page = dana.get(&first).await.expect(200);
    page.says("Not before the exams");
    assert_eq!(standing(&mut dana, &first).await, "rejected");
    let second = propose(&mut dana).await;
    decide(&mut dana, &second, "withdraw", "").await.expect(303);
    assert_eq!(standing(&mut dana, &second).await, "withdrawn");
    for change in [&first, &second] {
        decide(&mut leo, change, "approve", "").await.expect(409).says("It is over");
        decide(&mut dana, change, "start", "").await.expect(409);
        decide(&mut dana, change, "comment", "A pity").await.expect(303);
    }
    dana.get(PROD).await.expect(200);
    dana.get("/changes").await.expect(200).says("No other change is pending.");
}

#[tokio::test]
async fn a_stricter_policy_applies_to_waiting_changes() {
    let (console, mut dana, change) = approved_before(|policy| policy.approvals = 2).await;
    let before = console.writes().await.len();
    let page = decide(&mut dana, &change, "start", "").await.expect(422);
    page.says("now requires 2 approvals, and the change has 1");
    console.has_sent(before).await;
    dana.get("/history?kind=configured").await.expect(200).says("new configuration");
}

#[tokio::test]
async fn invalid_forms_change_nothing() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let long = "x".repeat(1_001);
    for (field, value, words) in [
        ("reason", "", "Enter a reason"),
        ("reason", " \u{7} ", "Say why, in a sentence"),
        ("reason", "\u{200b} \u{202e}\u{3164}", "Say why, in a sentence"),
        ("reason", long.as_str(), "The limit is 1000. Shorten it. Nothing was changed."),
        ("start", "tomorrow", "is not a valid time"),
        ("start", "2020-01-01T00:00", "this time has passed"),
        ("start", "2999-01-01T00:00", "would expire before it starts"),
        ("live.anet-green", "60", "not 100"),
        ("base", "anet-eedi=90,anet-green=10", "The route changed while you were deciding"),
    ] {
        let mut fields =
            [&HALVES[..], &[("do", "propose"), ("reason", WHY), ("start", "")]].concat();
        for given in fields.iter_mut().filter(|(name, _)| *name == field) {
            given.1 = value;
        }
        let page = dana.post(ROUTE, &fields).await;
        assert!([409, 422].contains(&page.status.as_u16()), "{field}={value}: {}", page.words());
        page.says(words);
    }
    dana.get("/changes").await.expect(200).says("No other change is pending.");
    let change = propose(&mut dana).await;
    let seen = seen(&mut leo, &change).await;
    for what in ["delete", "approve%2F..", "Approve"] {
        // This address is not a route, so no form can be sent to it.
        leo.post(&format!("{change}/{what}"), &[("seen", &seen)]).await.expect(405);
    }
    leo.post(&format!("{change}/approve"), &[]).await.expect(409);
    leo.post(&format!("{change}/approve"), &[("seen", &seen), ("comment", &long)])
        .await
        .expect(422);
    for missing in ["/changes/none", "/changes/%27%20OR%201=1", "/changes/none/approve"] {
        leo.get(missing).await.expect(404);
        leo.post(&format!("{missing}/approve"), &[("seen", &seen)]).await;
    }
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");
    let strange = leo
        .request(reqwest::Method::POST, &format!("{change}/approve"))
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site");
    leo.send(strange.form(&[("seen", seen)])).await.expect(403);
}
