//! Who may do what with a change, and what becomes of bad input.

use super::{
    HALVES, ROUTE, WHY, approved_before, decide, one, propose, protected, seen, standing, with,
};
use crate::support::{DANA, LEO, PROD, VERA};
use app::domain::policy::Policy;
use server::clock::Clock;

#[tokio::test]
async fn nobody_approves_what_they_proposed() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let change = propose(&mut leo).await;
    let page = leo.get(&change).await.expect(200);
    page.says("You proposed it. A second person has to approve it.");
    assert!(page.attribute("button[formaction$=approve]", "disabled").is_some());
    leo.get("/changes").await.expect(200).says("Nothing waits for you.");
    decide(&mut leo, &change, "approve", "").await.expect(422).says("A second person");
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");
    leo.get("/history?kind=denied").await.expect(200).says("Refused: approve a change");
}

#[tokio::test]
async fn two_accounts_of_one_person_are_one_person() {
    let pair = ["dana@anet.example".to_owned(), "leo@anet.example".to_owned()];
    let policy = Policy { same_person: vec![pair.into()], ..one() };
    let console = with(policy, Clock::system()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(422).says("You proposed it.");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
}

#[tokio::test]
async fn only_those_whom_the_policy_names_approve() {
    let policy = Policy { approvers: ["lee@anet.example".to_owned()].into(), ..one() };
    let console = with(policy, Clock::system()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(422).says("Ask one of them");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
}

#[tokio::test]
async fn who_lacks_the_right_cannot() {
    let console = protected().await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut leo = console.signed_in_as(LEO).await;
    let mut vera = console.signed_in_as(VERA).await;
    // What is protected is not changed directly, by nobody.
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
    for words in ["Not allowed: approve a change", "Refused: start a change", "set the route"] {
        denied.says(words);
    }
    // Saying something is for everybody who may see it.
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
    assert_eq!(standing(&mut dana, &first).await, "refused");
    let second = propose(&mut dana).await;
    decide(&mut dana, &second, "withdraw", "").await.expect(303);
    assert_eq!(standing(&mut dana, &second).await, "withdrawn");
    for change in [&first, &second] {
        decide(&mut leo, change, "approve", "").await.expect(409).says("It is over");
        decide(&mut dana, change, "start", "").await.expect(409);
        decide(&mut dana, change, "comment", "A pity").await.expect(303);
    }
    dana.get(PROD).await.expect(200);
    dana.get("/changes").await.expect(200).says("No other change waits.");
}

#[tokio::test]
async fn a_policy_that_asks_for_more_by_then_counts() {
    let (console, mut dana, change) = approved_before(|policy| policy.approvals = 2).await;
    let before = console.writes().await.len();
    let page = decide(&mut dana, &change, "start", "").await.expect(422);
    page.says("asks for 2 approvals now, and 1 of those given count");
    console.has_sent(before).await;
    dana.get("/history?kind=configured").await.expect(200).says("new configuration");
}

#[tokio::test]
async fn bad_input_proposes_and_decides_nothing() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let long = "x".repeat(1_001);
    for (field, value, words) in [
        ("reason", "", "Say why"),
        ("reason", " \u{7} ", "Say why, in a sentence"),
        ("reason", "\u{200b} \u{202e}\u{3164}", "Say why, in a sentence"),
        ("reason", long.as_str(), "1000 are the most"),
        ("start", "tomorrow", "is not a time"),
        ("start", "2020-01-01T00:00", "that is over"),
        ("start", "2999-01-01T00:00", "would expire before it starts"),
        ("live.anet-green", "60", "not 100"),
        ("base", "anet-eedi=90,anet-green=10", "The route changed"),
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
    dana.get("/changes").await.expect(200).says("No other change waits.");
    let change = propose(&mut dana).await;
    let seen = seen(&mut leo, &change).await;
    for what in ["delete", "approve%2F..", "Approve"] {
        // No route has this address; what would be a page's cannot be sent to.
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
