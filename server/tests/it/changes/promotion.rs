//! A change whose run goes back by itself.

use super::{ROUTE, decide, eventually_stands, seen};
use crate::notify::{kinds, told_to};
use crate::promotion::{in_step, policy};
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO, TestConsole, Wanted};
use app::domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn a_change_that_bakes_badly_ends_as_rolled_back_and_says_why() {
    let policy = Policy { approvals: 1, ..policy(json!({ "errors_percent_max": 1 })) };
    let receiver = Receiver::start().await;
    let wanted = Wanted {
        clock: Clock::manual(Clock::system().now()),
        notify: Some(told_to(&receiver)),
        ..Wanted::protected(policy)
    };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    in_step(&console).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let fields = [
        ("live.anet-eedi", "0"),
        ("live.anet-green", "100"),
        ("base", "anet-eedi=100"),
        ("do", "propose"),
        ("reason", "Green answers as well as eedi"),
    ];
    let page = dana.post(ROUTE, &fields).await.expect(303);
    let change = page.header("location").expect("a change").to_owned();
    // What is approved is the whole way, with its conditions.
    let page = leo.get(&change).await.expect(200);
    page.says("anet-green must have at most 1 % errors");
    assert!(!seen(&mut leo, &change).await.is_empty());
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    decide(&mut dana, &change, "start", "").await.expect(303);
    console.clock.advance(1_000);
    eventually_stands_slowly(&console, &dana, &change).await;
    let page = dana.get(&change).await.expect(200);
    page.says("had to stop");
    page.says("it is rolled back");
    page.says("anet-green: Errors not measured, wanted at most 1 %");
    page.says("The stage’s policy rolled it back.");
    console
        .eventually("the way back is over", async || {
            console.clock.advance(1_000);
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
    assert_eq!(console.writes().await.len(), before + 2);
    let received = receiver.took(4).await;
    let told = ["change.waiting", "change.approved", "change.failed", "change.rolled_back"];
    assert_eq!(kinds(&received), told);
    let words = received[2].json()["data"]["words"].to_string();
    assert!(words.contains("anet-green: Errors not measured"), "{words}");
}

/// As [`eventually_stands`], while more time passes than a look takes.
async fn eventually_stands_slowly(
    console: &TestConsole,
    who: &crate::support::Browser,
    change: &str,
) {
    let mut who = who.clone();
    console
        .eventually("the time of its bake is over", async || {
            console.clock.advance(5_000);
            console.advance(4.0).await;
            let page = who.get(change).await;
            page.words().contains("rolled it back").then_some(())
        })
        .await;
    eventually_stands(console, &who, change, "rolled back").await;
}
