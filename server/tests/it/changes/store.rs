//! Changes in the store, on both databases: events that only grow, and of two who append one.

use crate::support::store::{NOW, asker, on_both, on_prod, tried};
use app::domain::change::State;
use app::domain::change::event::{Event, Person};
use app::domain::plan::{Plan, Target};
use app::domain::route::Route;
use app::domain::run::warrant::{Consent, Made, Warrant};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use server::changes::look::subject;
use server::changes::stored::Stored;
use server::operations::plan::Planned;
use server::operations::plan::step::Step;
use server::store::changes::{ChangeError, Changes, Kept, New, News};
use server::store::ledger::Ledger;
use server::store::runs::{AppendError, Order, Runs};

/// The endpoint that all of these are about.
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
        steps: Vec::new(),
        differences: Vec::new(),
        verdicts: Vec::new(),
        questions: Vec::new(),
        hash: None,
    };
    Planned { plan, steps }
}

async fn propose(changes: &Changes, approvals: u8) -> Kept {
    let by = asker("dana");
    let event = Event::Proposed {
        by: Person::from(&by.user),
        reason: "better".to_owned(),
        subject: subject(&planned(), &[]),
        approvals,
        expires: Timestamp(NOW.0 + 1_000),
        start: None,
        evidence: Vec::new(),
    };
    let wish = Stored::SetRoute { route: routes().1 };
    let new = New { at: at(), title: "Set the route".to_owned(), wish, planned: planned(), event };
    changes.propose(new, &by, NOW).await.expect("it is written")
}

fn said(text: &str) -> News<'static> {
    let by = Person::from(&asker("vera").user);
    News::of_itself(Event::Commented { by, text: text.to_owned() })
}

async fn start(changes: &Changes, runs: &Runs, kept: &mut Kept) -> Result<(), ChangeError> {
    let (by, at) = (asker("leo"), at());
    let action = kept.wish.action(&planned());
    let warrant = Warrant::new(Consent::Approved, Made::new());
    let order = Order { at: &at, action, steps: planned().steps, hash: None, warrant, by: &by };
    let person = Some(Person::from(&by.user));
    Box::pin(changes.start(kept, person, order, runs, NOW)).await.map(|_| ())
}

#[tokio::test]
async fn what_happened_only_grows_and_survives() {
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
        assert_eq!((loaded.wish, loaded.planned), (kept.wish, kept.planned));
        let events = changes.events(&id).await.expect("a store");
        let words: Vec<_> = events.iter().map(|stamped| stamped.event.word()).collect();
        assert_eq!(words, ["proposed", "commented"]);
        assert_eq!(Ledger::new(database).size().await.expect("a store"), 2);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_append_to_the_same_one_is_late() {
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
async fn a_start_and_its_run_are_there_together_or_not_at_all() {
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
