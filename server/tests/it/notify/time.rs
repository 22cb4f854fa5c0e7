//! Reminders and escalations are sent once, however often the console restarts.

use super::{console, kinds, notifying, target};
use crate::changes::{decide, propose};
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO};
use domain::notification::{Kind, Occasion};
use domain::timestamp::Timestamp;
use server::clock::Clock;
use server::messages::setup::{Escalation, Setup, Target};

const HOUR_MS: i64 = 3_600_000;

/// The team gets a reminder after four hours, and the person on duty a message after a day.
fn setup(team: &Receiver, duty: &Receiver) -> Setup {
    let occasions = [Occasion::Escalation].into();
    let duty = Target { occasions, ..target("duty", Kind::Plain, duty) };
    let base = notifying(team);
    Setup {
        targets: [base.targets.clone(), vec![duty]].concat(),
        reminder_ms: Some(4 * HOUR_MS),
        escalation: Some(Escalation { after_ms: 24 * HOUR_MS, to: "duty".to_owned() }),
        ..base
    }
}

fn wednesday() -> Clock {
    Clock::manual(Timestamp::parse_utc("2026-06-10T12:00").expect("a time"))
}

#[tokio::test]
async fn a_waiting_change_gets_one_reminder_and_one_escalation() {
    let (team, duty) = (Receiver::start().await, Receiver::start().await);
    let console = console(setup(&team, &duty), wednesday()).await;
    let mut dana = console.signed_in_as(DANA).await;
    propose(&mut dana).await;
    team.took(1).await;
    console.clock.advance(4 * HOUR_MS);
    let received = team.took(2).await;
    assert_eq!(kinds(&received), ["change.waiting", "change.reminder"]);
    assert_eq!(received[1].json()["data"]["words"], crate::changes::WHY);
    assert!(duty.requests().is_empty());
    console.clock.advance(20 * HOUR_MS);
    assert_eq!(kinds(&duty.took(1).await), ["change.escalation"]);
    // The console records a delivery after the receiver has the message; a message in between would be sent
    // again.
    console
        .eventually("all is delivered", async || {
            let stage = "anet-prod".parse().expect("a stage");
            let webhooks = console.services.notify.webhooks(&stage).await.expect("a store");
            webhooks.iter().all(|webhook| webhook.health.waiting == 0).then_some(())
        })
        .await;
    // Another console sees that the reminder was sent. The next event is the expiry.
    let console = console.stop().await.restart().await;
    console.clock.advance(48 * HOUR_MS);
    let received = team.took(3).await;
    assert_eq!(kinds(&received), ["change.waiting", "change.reminder", "change.expired"]);
    assert_eq!(duty.requests().len(), 1);
}

#[tokio::test]
async fn a_decided_change_gets_no_reminder() {
    let (team, duty) = (Receiver::start().await, Receiver::start().await);
    let console = console(setup(&team, &duty), wednesday()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let approved = propose(&mut dana).await;
    decide(&mut leo, &approved, "approve", "").await.expect(303);
    team.took(2).await;
    console.clock.advance(71 * HOUR_MS);
    // All earlier messages have arrived at this point.
    let mut dana = console.signed_in_as(DANA).await;
    decide(&mut dana, &approved, "withdraw", "").await.expect(303);
    let received = team.took(3).await;
    assert_eq!(kinds(&received), ["change.waiting", "change.approved", "change.withdrawn"]);
    assert!(duty.requests().is_empty());
}
