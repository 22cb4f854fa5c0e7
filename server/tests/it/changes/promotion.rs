//! A change whose run rolls back automatically.

use super::{ROUTE, decide, eventually_stands, seen};
use crate::notify::{kinds, notifying};
use crate::promotion::{in_step, policy};
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO, TestConsole, Wanted};
use domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn a_failed_bake_closes_the_change_as_rolled_back_with_the_reason() {
    let policy = Policy { approvals: 1, ..policy(json!({ "errors_percent_max": 1 })) };
    let receiver = Receiver::start().await;
    let wanted = Wanted {
        clock: Clock::manual(Clock::system().now()),
        notify: Some(notifying(&receiver)),
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
    // An approval covers all shares and their conditions.
    let page = leo.get(&change).await.expect(200);
    page.says("anet-green must have at most 1 % errors");
    assert!(!seen(&mut leo, &change).await.is_empty());
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    decide(&mut dana, &change, "start", "").await.expect(303);
    console.clock.advance(1_000);
    eventually_stands_slowly(&console, &dana, &change).await;
    let page = dana.get(&change).await.expect(200);
    page.says("stopped: the run failed");
    page.says("it was rolled back");
    page.says("anet-green: Errors not measured (required: at most 1 %)");
    page.says("The stage’s policy rolled it back.");
    console
        .eventually("the roll-back has ended", async || {
            console.clock.advance(1_000);
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
    assert_eq!(console.writes().await.len(), before + 2);
    let received = receiver.took(4).await;
    let expected = ["change.waiting", "change.approved", "change.failed", "change.rolled_back"];
    assert_eq!(kinds(&received), expected);
    let words = received[2].json()["data"]["words"].to_string();
    assert!(words.contains("anet-green: Errors not measured"), "{words}");
}

/// Like [`eventually_stands`], but each look lets more time pass.
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
