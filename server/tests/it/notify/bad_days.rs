//! Receivers that fail, ask for a pause, hang or disappear, and consoles that stop during delivery.

use super::{are_genuine, console, kinds, notifying, people};
use crate::changes::{decide, eventually_stands, one, propose};
use crate::support::receiver::{Received, Receiver, Reply};
use crate::support::{DANA, Postgres, TestConsole, Wanted};
use domain::notification::Health;
use domain::timestamp::Timestamp;
use server::clock::Clock;
use server::messages::setup::Setup;
use std::time::Duration;
use tokio::time::Instant;

const NOON: &str = "2026-06-10T12:00";

fn noon() -> Clock {
    Clock::manual(Timestamp::parse_utc(NOON).expect("a time"))
}

/// Lets time pass in small steps until the condition is true.
async fn passes(console: &TestConsole, step_ms: i64, what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + crate::support::PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "this never happened: {what}");
        console.clock.advance(step_ms);
        // The console checks its clock from time to time, and nothing announces it.
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
async fn a_message_is_retried_unchanged_until_it_arrives() {
    let receiver = Receiver::start().await;
    let console = console(notifying(&receiver), noon()).await;
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
    page.says("team retrying One message could not be delivered yet: HTTP 500.");
    passes(&console, 500, "it arrives", async || receiver.requests().len() >= 6).await;
    let tries = receiver.requests();
    assert_eq!(tries.len(), 6);
    for one in &tries[1..] {
        assert_eq!(one.header("webhook-id"), tries[0].header("webhook-id"));
        assert_eq!(one.body, tries[0].body);
        assert_eq!(one.path, tries[0].path, "redirects are not followed");
    }
    assert_eq!(kinds(&receiver.took(1).await), ["change.waiting"]);
    // Each attempt has a new signature, and respects `Retry-After` and the growing pauses.
    let waits: Vec<_> = tries.windows(2).map(|two| seconds(&two[1]) - seconds(&two[0])).collect();
    for (wait, least) in waits.iter().zip([2, 120, 10, 20, 60]) {
        assert!(*wait >= least, "{waits:?}");
    }
    assert!(tries.iter().all(|one| one.is_signed_with(crate::support::receiver::SECRET)));
    passes(&console, 0, "it is known", async || health(&console).await.trouble.is_none()).await;
}

#[tokio::test]
async fn a_final_4xx_does_not_block_the_next_message() {
    let receiver = Receiver::start().await;
    let console = console(notifying(&receiver), noon()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Status(404)]);
    let change = propose(&mut dana).await;
    receiver.tried(1).await;
    passes(&console, 0, "it is given up", async || health(&console).await.given_up == 1).await;
    let page = dana.get("/stages/anet-prod").await.expect(200);
    page.says("team failing One message could not be delivered and will not be retried: HTTP 404.");
    decide(&mut leo, &change, "refuse", "No").await.expect(303);
    assert_eq!(kinds(&receiver.took(1).await), ["change.refused"]);
    assert_eq!(receiver.requests().len(), 2);
}

#[tokio::test]
async fn after_three_days_a_message_is_dropped_and_later_ones_are_sent() {
    let receiver = Receiver::start().await;
    let console = console(notifying(&receiver), noon()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Status(500); 200]);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "refuse", "No").await.expect(303);
    receiver.tried(1).await;
    passes(&console, 600_000, "it is given up", async || health(&console).await.given_up > 0).await;
    // The second message waits for the first, so no receiver gets the refusal before the proposal.
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
async fn a_hanging_receiver_delays_no_change() {
    let receiver = Receiver::start().await;
    let setup = Setup { answer_max: Duration::from_secs(50), ..notifying(&receiver) };
    let console = console(setup, Clock::system()).await;
    let (mut dana, mut leo) = people(&console).await;
    receiver.then(&[Reply::Hang]);
    let change = propose(&mut dana).await;
    receiver.tried(1).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    // The receiver still hangs, and all later messages wait behind the first.
    assert_eq!(receiver.requests().len(), 1);
    assert_eq!(health(&console).await.waiting, 3);
}

/// A console stops while it waits for an answer; the next one sends the message again. Returns how many
/// seconds later.
async fn again_after_the_end(database: Option<String>) -> i64 {
    let mut receiver = Receiver::start().await;
    let notify = Setup { answer_max: Duration::from_secs(50), ..notifying(&receiver) };
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
    assert_eq!(
        again.header("webhook-id"),
        first.header("webhook-id"),
        "so the receiver can drop the duplicate"
    );
    assert_eq!(again.body, first.body);
    let after = seconds(&again) - seconds(&first);
    are_genuine(&[again], console.clock.now().0 / 1_000);
    after
}

#[tokio::test]
async fn an_interrupted_delivery_is_repeated_after_a_restart() {
    // A data directory belongs to one console, so the next console need not wait for a claim to end.
    let after = again_after_the_end(None).await;
    assert!(after < 60, "{after} s");
}

#[tokio::test]
async fn an_interrupted_delivery_is_repeated_when_its_claim_expires() {
    let server = Postgres::start().await;
    let after = again_after_the_end(Some(server.url())).await;
    assert!(after >= 60, "{after} s");
}
