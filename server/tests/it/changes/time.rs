//! Changes and time: expiry, scheduled starts, change windows, freezes.

use super::{
    HALVES, ROUTE, decide, eventually_stands, one, propose, propose_at, protected, standing, with,
};
use crate::support::{Browser, DANA, LEO, PROD, TestConsole, VERA};
use domain::policy::{Policy, TimeOfDay, Weekday, Window};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::user::{Role, User};
use server::clock::Clock;
use server::entries::Principal;

const HOUR_MS: i64 = 3_600_000;

/// A Wednesday at noon.
fn wednesday() -> Timestamp {
    Timestamp::parse_utc("2026-06-10T12:00").expect("a time")
}

#[tokio::test]
async fn a_change_that_waits_too_long_expires() {
    let clock = Clock::manual(wednesday());
    let console = with(Policy { expiry_hours: 1, ..one() }, clock).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    console.clock.advance(HOUR_MS);
    let mut dana = console.signed_in_as(DANA).await;
    eventually_stands(&console, &dana, &change, "expired").await;
    decide(&mut dana, &change, "start", "").await.expect(409);
    console.has_sent(before).await;
}

#[tokio::test]
async fn a_scheduled_change_starts_once_at_its_time() {
    let clock = Clock::manual(wednesday());
    let console = with(one(), clock).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose_at(&mut dana, "2026-06-10T12:20").await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    decide(&mut leo, &change, "start", "")
        .await
        .expect(422)
        .says("starts by itself at 2026-06-10 12:20");
    console.clock.advance(20 * 60_000 - 1);
    console.has_sent(before).await;
    assert_eq!(standing(&mut dana, &change).await, "approved");
    console.clock.advance(1);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    console.has_sent(before + 1).await;
    dana.get(&change).await.expect(200).says("started it on schedule");
}

#[tokio::test]
async fn a_scheduled_change_without_approval_does_not_start() {
    let clock = Clock::manual(wednesday());
    let console = with(one(), clock).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose_at(&mut dana, "2026-06-10T12:10").await;
    let before = console.writes().await.len();
    console.clock.advance(15 * 60_000);
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
    console.has_sent(before).await;
    // A change that is approved late starts at once.
    decide(&mut leo, &change, "approve", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn closed_change_windows_block_starts_but_revoke_nothing() {
    let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
    let window = Window {
        time_zone: "Europe/Berlin".to_owned(),
        days: [Weekday::Thursday].into(),
        from: time("09:00"),
        to: time("17:00"),
    };
    let clock = Clock::manual(wednesday());
    let console = with(Policy { windows: vec![window], ..one() }, clock).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let closed = "opens on Thursday, 11 June 2026 at 09:00 (Europe/Berlin)";
    dana.get(&change).await.expect(200).says(closed);
    dana.get("/stages/anet-prod").await.expect(200).says(closed);
    decide(&mut dana, &change, "start", "").await.expect(422).says(closed);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    // 09:00 in Berlin is 07:00 UTC in summer.
    console.clock.advance(19 * HOUR_MS);
    let mut dana = console.signed_in_as(DANA).await;
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

/// Leo, as the console identifies him.
fn leo_himself() -> Principal {
    let user = User {
        tenant: "t".to_owned(),
        object: "leo".to_owned(),
        name: LEO.to_owned(),
        username: "leo@anet.example".to_owned(),
        roles: [Role::Lead].into(),
    };
    Principal { user, request: "r".to_owned() }
}

/// Expects every page that offers a change to show the freeze, and a plan to be blocked by it.
async fn is_shown_frozen(who: &mut Browser) {
    let route = format!("{ROUTE}?live.anet-eedi=0&live.anet-green=100");
    let delete = format!("{PROD}/deployments/anet-green/delete");
    for page in ["/", PROD, &format!("{PROD}/new-deployment"), &route, &delete] {
        who.get(page).await.expect(200).says("anet-prod is frozen by Leo Lead");
    }
    let plan = who.get(&route).await.expect(200);
    let verdict = plan.text_of("[data-guard=stage-open]").expect("the guard");
    assert!(verdict.contains("frozen by Leo Lead: Exams until Friday"), "{verdict}");
}

#[tokio::test]
async fn a_frozen_stage_allows_only_roll_backs() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let done = propose(&mut dana).await;
    decide(&mut leo, &done, "approve", "").await.expect(303);
    decide(&mut leo, &done, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &done, "succeeded").await;

    let (freeze, thaw) = ("/stages/anet-prod/freeze", "/stages/anet-prod/thaw");
    let why = [("reason", "Exams until Friday")];
    dana.post(freeze, &why)
        .await
        .expect(403)
        .says("Only these roles may freeze and unfreeze a stage");
    leo.post(freeze, &[("reason", " ")]).await.expect(422).says("Enter a reason");
    leo.post(freeze, &why).await.expect(303);
    leo.post(freeze, &why).await.expect(409).says("already frozen");
    let stage = dana.get("/stages/anet-prod").await.expect(200);
    stage.says("Frozen by Leo Lead");
    stage.says("Exams until Friday");

    is_shown_frozen(&mut dana).await;

    let fields = [
        ("live.anet-eedi", "0"),
        ("live.anet-green", "100"),
        ("base", "anet-eedi=50,anet-green=50"),
        ("do", "propose"),
        ("reason", "All of it"),
    ];
    let next = dana.post(ROUTE, &fields).await.expect(303);
    let next = next.header("location").expect("a change").to_owned();
    decide(&mut leo, &next, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    decide(&mut leo, &next, "start", "").await.expect(422).says("is frozen by Leo Lead: Exams");
    console.has_sent(before).await;
    assert_eq!(standing(&mut dana, &next).await, "approved");

    // The roll-back works although the stage is frozen and nobody approved it.
    let runs = &console.services.operations;
    let at = EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep-prod".parse().expect("a name"),
    };
    let run = runs.table.recent(&at.into()).await.expect("a store").remove(0).id;
    let saw = "anet-eedi=50,anet-green=50".parse().expect("a route");
    runs.roll_back(&run, &saw, &leo_himself()).await.expect("it begins");
    console.has_sent(before + 1).await;

    leo.post(thaw, &[("reason", "Exams are over")]).await.expect(303);
    leo.post(thaw, &[("reason", "Exams are over")]).await.expect(409).says("is not frozen");
    for (kind, words) in [("frozen", "Exams until Friday"), ("thawed", "Exams are over")] {
        dana.get(&format!("/history?kind={kind}")).await.expect(200).says(words);
    }
    decide(&mut leo, &next, "approve", "").await.expect(303);
    decide(&mut leo, &next, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &next, "succeeded").await;
}

#[tokio::test]
async fn an_unprotected_stage_can_be_frozen_and_the_freeze_survives_a_restart() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut leo = console.signed_in_as(LEO).await;
    leo.post("/stages/anet-prod/freeze", &[("reason", "Audit")]).await.expect(303);
    let console = console.stop().await.restart().await;
    let (mut dana, mut vera) = (console.signed_in_as(DANA).await, console.signed_in_as(VERA).await);
    let before = console.writes().await.len();
    dana.post(ROUTE, &HALVES).await.expect(422).says("is frozen by Leo Lead: Audit");
    vera.post("/stages/anet-prod/thaw", &[("reason", "x")]).await.expect(403);
    console.has_sent(before).await;
    leo.post("/stages/anet-prod/thaw", &[("reason", "Done")]).await.expect(303);
    dana.post(ROUTE, &HALVES).await.expect(303);
    console.has_sent(before + 1).await;
}
