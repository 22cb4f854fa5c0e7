//! Receivers that fail, ask for patience, hang or are gone; and consoles that end in the middle.

use super::{are_genuine, console, kinds, people, told_to};
use crate::changes::{decide, eventually_stands, one, propose};
use crate::support::receiver::{Received, Receiver, Reply};
use crate::support::{DANA, Postgres, TestConsole, Wanted};
use app::domain::notification::Health;
use app::domain::timestamp::Timestamp;
use server::clock::Clock;
use server::notify::setup::Setup;
use std::time::Duration;
use tokio::time::Instant;

const NOON: &str = "2026-06-10T12:00";

fn noon() -> Clock {
    Clock::manual(Timestamp::parse_utc(NOON).expect("a time"))
}

/// Lets time pass in small steps until it is so.
async fn passes(console: &TestConsole, step_ms: i64, what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + crate::support::PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "this never came: {what}");
        console.clock.advance(step_ms);
        // The console looks at its clock now and then; nothing tells when it has.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn seconds(received: &Received) -> i64 {
    received.header("webhook-timestamp").parse().expect("seconds")
}

async fn health(console: &TestConsole) -> Health {
    let stage = "anet-prod".parse().expect("a stage");
    let webhooks = console.services.notify.webhooks(&stage).await.expect("a store");
    webhooks.into_iter().next().expect("a webhook").health
}

#[tokio::test]
async fn a_message_is_tried_again_until_it_arrives_and_stays_the_same() {
    let receiver = Receiver::start().await;
    let console = console(told_to(&receiver), noon()).await;
    let (mut dana, _) = people(&console).await;
    receiver.then(&[
        Reply::Status(500),
        Reply::RetryAfter(429, 120),
        Reply::Hang,
        Reply::Redirect,
        Reply::RetryAfter(503, 60),
    ]);
    propose(&mut dana).await;
    receiver.tried(1).await;
    passes(&console, 0, "it is written down", async || health(&console).await.trouble.is_some())
        .await;
    let page = dana.get("/stages/anet-prod").await.expect(200);
    page.says("team trouble One message could not be delivered yet: HTTP 500.");
    passes(&console, 500, "it arrives", async || receiver.requests().len() >= 6).await;
    let tries = receiver.requests();
    assert_eq!(tries.len(), 6);
    for one in &tries[1..] {
        assert_eq!(one.header("webhook-id"), tries[0].header("webhook-id"));
        assert_eq!(one.body, tries[0].body);
        assert_eq!(one.path, tries[0].path, "redirects are not followed");
    }
    assert_eq!(kinds(&receiver.took(1).await), ["change.waiting"]);
    // Each try is signed anew, and comes no sooner than it was asked for or than pauses grow.
    let waits: Vec<_> = tries.windows(2).map(|two| seconds(&two[1]) - seconds(&two[0])).collect();
    for (wait, least) in waits.iter().zip([2, 120, 10, 20, 60]) {
        assert!(*wait >= least, "{waits:?}");
    }
    assert!(tries.iter().all(|one| one.is_signed_with(crate::support::receiver::SECRET)));
    passes(&console, 0, "it is known", async || health(&console).await.trouble.is_none()).await;
}

#[tokio::test]
async fn a_refusal_is_final_and_the_next_message_is_tried() {
    let receiver = Receiver::start().await;
    let console = console(told_to(&receiver), noon()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Status(404)]);
    let change = propose(&mut dana).await;
    receiver.tried(1).await;
    passes(&console, 0, "it is given up", async || health(&console).await.given_up == 1).await;
    let page = dana.get("/stages/anet-prod").await.expect(200);
    page.says("team gave up One message did not arrive and will not: HTTP 404.");
    decide(&mut leo, &change, "refuse", "No").await.expect(303);
    assert_eq!(kinds(&receiver.took(1).await), ["change.refused"]);
    assert_eq!(receiver.requests().len(), 2);
}

#[tokio::test]
async fn after_three_days_a_message_is_given_up_and_those_behind_it_go_out() {
    let receiver = Receiver::start().await;
    let console = console(told_to(&receiver), noon()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Status(500); 200]);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "refuse", "No").await.expect(303);
    receiver.tried(1).await;
    passes(&console, 600_000, "it is given up", async || health(&console).await.given_up > 0).await;
    // The second message waits for the first: nobody is told of a refusal before the proposal.
    let (tries, kinds) = (receiver.requests(), kinds(&receiver.requests()));
    let first = kinds.iter().take_while(|kind| *kind == "change.waiting").count();
    assert!(kinds[first..].iter().all(|kind| kind == "change.refused"), "{kinds:?}");
    let lasted = seconds(&tries[first - 1]) - seconds(&tries[0]);
    assert!((60 * 3_600..100 * 3_600).contains(&lasted), "{lasted} s");
    assert!(first > 5, "{first} tries");
    passes(&console, 600_000, "so is the second", async || health(&console).await.waiting == 0)
        .await;
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_nothing() {
    let receiver = Receiver::start().await;
    let setup = Setup { answer_max: Duration::from_secs(50), ..told_to(&receiver) };
    let console = console(setup, Clock::system()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Hang]);
    let change = propose(&mut dana).await;
    receiver.tried(1).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    // It hangs still, and all that came after waits behind it.
    assert_eq!(receiver.requests().len(), 1);
    assert_eq!(health(&console).await.waiting, 3);
}

/// A console ends while it waits for an answer that it will never know; the next one sends the message again.
/// Returns how many seconds later that was.
async fn again_after_the_end(database: Option<String>) -> i64 {
    let mut receiver = Receiver::start().await;
    let notify = Setup { answer_max: Duration::from_secs(50), ..told_to(&receiver) };
    let wanted =
        Wanted { clock: noon(), database, notify: Some(notify), ..Wanted::protected(one()) };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    receiver.then(&[Reply::Hang]);
    propose(&mut dana).await;
    let first = receiver.tried(1).await.remove(0);
    let stopped = console.stop().await;
    receiver.die().await;
    receiver.revive().await;
    let console = stopped.restart().await;
    passes(&console, 1_000, "it is taken", async || receiver.requests().len() == 2).await;
    let again = receiver.took(1).await.remove(0);
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"), "so the receiver knows it");
    assert_eq!(again.body, first.body);
    let after = seconds(&again) - seconds(&first);
    are_genuine(&[again], console.clock.now().0 / 1_000);
    after
}

#[tokio::test]
async fn what_one_console_had_in_hand_the_next_one_sends_again() {
    // Whoever has the data directory has it alone, and need not wait for anybody.
    let after = again_after_the_end(None).await;
    assert!(after < 60, "{after} s");
}

#[tokio::test]
async fn what_one_replica_had_in_hand_another_sends_when_its_claim_has_ended() {
    let server = Postgres::start().await;
    let after = again_after_the_end(Some(server.url())).await;
    assert!(after >= 60, "{after} s");
}
