//! Changes in the store, on both databases: events are append-only, and one of two concurrent appends
//! fails.

use crate::support::store::{NOW, on_both, on_prod, principal, tried};
use domain::change::State;
use domain::change::event::Event;
use domain::plan::Plan;
use domain::route::Route;
use domain::run::warrant::{Consent, Made, Warrant};
use domain::stage::EndpointKey;
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;
use server::changes::subject::subject;
use server::planner::Planned;
use server::planner::pinned::{Pinned, named};
use server::planner::step::Step;
use server::store::changes::{ChangeError, Changes, New, News, StoredChange};
use server::store::ledger::Ledger;
use server::store::runs::{AppendError, Order, Runs};

/// The endpoint of all these changes.
pub fn at() -> EndpointKey {
    on_prod("Anet-EP")
}

fn routes() -> (Route, Route) {
    let (before, after) = ("blue=100".parse(), "blue=50,green=50".parse());
    (before.expect("a route"), after.expect("a route"))
}

fn planned() -> Planned {
    let (base, after) = routes();
    let steps = vec![Step::set_route(&at().endpoint, &base, &after)];
    let plan = Plan {
        target: Target::Endpoint(at()),
        base,
        made_of: std::collections::BTreeMap::new(),
        images: std::collections::BTreeMap::new(),
        steps: Vec::new(),
        differences: Vec::new(),
        verdicts: Vec::new(),
        questions: Vec::new(),
        hash: None,
    };
    Planned { plan, steps }
}

async fn propose(changes: &Changes, approvals: u8) -> StoredChange {
    propose_of(changes, approvals, at().into()).await
}

async fn propose_of(changes: &Changes, approvals: u8, target: Target) -> StoredChange {
    let by = principal("dana");
    let event = Event::Proposed {
        by: Person::from(&by.user),
        reason: "better".to_owned(),
        subject: subject(&planned(), &[]),
        approvals,
        expires: Timestamp(NOW.0 + 1_000),
        start: None,
        evidence: Vec::new(),
        job: None,
    };
    let intent = Pinned::SetRoute { at: at(), route: routes().1 };
    let new = New { target, title: "Set the route".to_owned(), intent, planned: planned(), event };
    changes.propose(new, &by, NOW).await.expect("it is written")
}

fn said(text: &str) -> News<'static> {
    let by = Person::from(&principal("vera").user);
    News::of_itself(Event::Commented { by, text: text.to_owned() })
}

async fn start(changes: &Changes, runs: &Runs, kept: &mut StoredChange) -> Result<(), ChangeError> {
    let (by, at) = (principal("leo"), at());
    let (intent, moved) = (named(&kept.intent), None);
    let warrant = Warrant::new(Consent::Approved, Made::new());
    let order = Order {
        target: &at.into(),
        intent,
        moved,
        steps: planned().steps,
        hash: None,
        warrant,
        by: &by,
    };
    let person = Some(Person::from(&by.user));
    Box::pin(changes.start(kept, person, order, runs, NOW)).await.map(|_| ())
}

#[tokio::test]
async fn events_are_append_only_and_survive_a_restart() {
    on_both(async |database| {
        let changes = Changes::new(database.clone());
        let mut kept = propose(&changes, 1).await;
        changes.append(&mut kept, said("one"), NOW).await.expect("it is written");
        let id = kept.id.clone();
        let refused = [
            "UPDATE change_events SET event = '{}'".to_owned(),
            "DELETE FROM change_events".to_owned(),
            format!("INSERT INTO change_events (change, number, at, event) VALUES ('{id}', 1, 0, '{{}}')"),
        ];
        for sql in refused {
            tried(&database, &sql).await.expect_err(&sql);
        }
        let loaded = changes.load(&id).await.expect("a store").expect("it is there");
        assert_eq!((loaded.change, loaded.events), (kept.change, 2));
        assert_eq!((loaded.intent, loaded.planned), (kept.intent, kept.planned));
        let events = changes.events(&id).await.expect("a store");
        let words: Vec<_> = events.iter().map(|stamped| stamped.event.word()).collect();
        assert_eq!(words, ["proposed", "commented"]);
        assert_eq!(Ledger::new(database).size().await.expect("a store"), 2);
    })
    .await;
}

#[tokio::test]
async fn a_change_keeps_its_target() {
    on_both(async |database| {
        let changes = Changes::new(database);
        let image = Target::Image { stage: at().stage, name: "Anet-EP".to_owned() };
        for target in [Target::from(at()), image] {
            let kept = propose_of(&changes, 1, target.clone()).await;
            let loaded = changes.load(&kept.id).await.expect("a store").expect("it is there");
            assert_eq!(loaded.target, target);
            let open = changes.open().await.expect("a store");
            let of = |row: &&server::store::changes::Row| row.target == target;
            assert_eq!(open.iter().filter(of).count(), 1, "{target}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_second_of_two_concurrent_appends_fails() {
    on_both(async |database| {
        let changes = Changes::new(database.clone());
        let mut one = propose(&changes, 1).await;
        let mut other = one.clone();
        changes.append(&mut one, said("first"), NOW).await.expect("it is written");
        let late = changes.append(&mut other, said("second"), NOW).await;
        assert!(matches!(late, Err(ChangeError::Stale)), "{late:?}");
        assert_eq!(other.events, 1, "it is as it was");
        assert_eq!(Ledger::new(database).size().await.expect("a store"), 2);
    })
    .await;
}

#[tokio::test]
async fn a_start_and_its_run_are_stored_atomically() {
    on_both(async |database| {
        let (changes, runs) = (Changes::new(database.clone()), Runs::new(database.clone()));
        let waits = propose(&changes, 1).await;
        let refused = start(&changes, &runs, &mut waits.clone()).await;
        assert!(matches!(refused, Err(ChangeError::Illegal(_))), "{refused:?}");
        assert!(runs.open().await.expect("a store").is_empty(), "no run without its start");

        let ready = propose(&changes, 0).await;
        let (mut one, mut other) = (ready.clone(), ready.clone());
        let (first, second) =
            tokio::join!(start(&changes, &runs, &mut one), start(&changes, &runs, &mut other));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let open = runs.open().await.expect("a store");
        assert_eq!(open.len(), 1);
        let loaded = changes.load(&ready.id).await.expect("a store").expect("it is there");
        assert_eq!(loaded.change.state, State::Running);
        assert_eq!(loaded.change.run.as_ref(), Some(&open[0].operation.id));

        let mut third = propose(&changes, 0).await;
        let busy = start(&changes, &runs, &mut third).await;
        let is_busy = matches!(busy, Err(ChangeError::Run(AppendError::AnotherIsOpen)));
        assert!(is_busy, "{busy:?}");
        let loaded = changes.load(&third.id).await.expect("a store").expect("it is there");
        assert_eq!(loaded.change.state, State::Approved, "no start without its run");
    })
    .await;
}
