//! Reminders and escalations: once each, whatever the number of restarts.

use super::{console, kinds, target, told_to};
use crate::changes::{decide, propose};
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO};
use app::domain::notification::{Kind, Occasion};
use app::domain::timestamp::Timestamp;
use server::clock::Clock;
use server::notify::setup::{Escalation, Setup, Target};

const HOUR_MS: i64 = 3_600_000;

/// The team is reminded after four hours, and whoever is on duty is told after a day.
fn setup(team: &Receiver, duty: &Receiver) -> Setup {
    let occasions = [Occasion::Escalation].into();
    let duty = Target { occasions, ..target("duty", Kind::Plain, duty) };
    let told = told_to(team);
    Setup {
        targets: [told.targets.clone(), vec![duty]].concat(),
        reminder_ms: Some(4 * HOUR_MS),
        escalation: Some(Escalation { after_ms: 24 * HOUR_MS, to: "duty".to_owned() }),
        ..told
    }
}

fn wednesday() -> Clock {
    Clock::manual(Timestamp::parse_utc("2026-06-10T12:00").expect("a time"))
}

#[tokio::test]
async fn a_change_that_waits_is_brought_to_mind_once_and_then_told_to_another() {
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
    // That it was delivered is written down after the receiver has it; a message in between comes again.
    console
        .eventually("all is delivered", async || {
            let stage = "anet-prod".parse().expect("a stage");
            let webhooks = console.services.notify.webhooks(&stage).await.expect("a store");
            webhooks.iter().all(|webhook| webhook.health.waiting == 0).then_some(())
        })
        .await;
    // Another console finds it told, and the end of the wait comes next.
    let console = console.stop().await.restart().await;
    console.clock.advance(48 * HOUR_MS);
    let received = team.took(3).await;
    assert_eq!(kinds(&received), ["change.waiting", "change.reminder", "change.expired"]);
    assert_eq!(duty.requests().len(), 1);
}

#[tokio::test]
async fn what_was_decided_is_not_brought_to_mind() {
    let (team, duty) = (Receiver::start().await, Receiver::start().await);
    let console = console(setup(&team, &duty), wednesday()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let approved = propose(&mut dana).await;
    decide(&mut leo, &approved, "approve", "").await.expect(303);
    team.took(2).await;
    console.clock.advance(71 * HOUR_MS);
    // Whatever came before it has been told by then.
    let mut dana = console.signed_in_as(DANA).await;
    decide(&mut dana, &approved, "withdraw", "").await.expect(303);
    let received = team.took(3).await;
    assert_eq!(kinds(&received), ["change.waiting", "change.approved", "change.withdrawn"]);
    assert!(duty.requests().is_empty());
}
