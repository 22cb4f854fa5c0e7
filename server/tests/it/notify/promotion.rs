//! An automatic roll-back of a promotion is notified with the reason.

use super::{kinds, notifying};
use crate::promotion::{in_step, policy, promoted, says};
use crate::support::receiver::Receiver;
use crate::support::{DANA, TestConsole, Wanted};
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn an_automatic_roll_back_is_notified_with_the_reason() {
    let receiver = Receiver::start().await;
    let wanted = Wanted {
        clock: Clock::manual(Clock::system().now()),
        notify: Some(notifying(&receiver)),
        ..Wanted::protected(policy(json!({ "errors_percent_max": 100 })))
    };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    in_step(&console).await;
    let mut dana = console.signed_in_as(DANA).await;
    let run = promoted(&mut dana, "anet-green").await;
    says(&console, &mut dana, (&run, "The stage’s policy rolled it back."), &[]).await;
    let received = receiver.took(1).await;
    assert_eq!(kinds(&received), ["run.rolled_back"]);
    let data = &received[0].json()["data"];
    assert_eq!(run, format!("/runs/{}", data["run"].as_str().expect("an id")));
    let words = data["words"].as_str().expect("words");
    for part in ["anet-green: Errors not measured", "The stage’s policy rolled it back."] {
        assert!(words.contains(part), "{words}");
    }
}
