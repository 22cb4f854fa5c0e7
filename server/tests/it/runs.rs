//! Runs in the store, on both databases: one in flight per endpoint, an append-only journal, and fencing
//! tokens against superseded replicas.

use crate::support::Postgres;
use crate::support::store::{NOW, on_both, on_prod, principal, tried};
use domain::intent::Intent;
use domain::run::Event;
use domain::run::measured::Measured;
use domain::run::operation::Moved;
use domain::run::state::{Phase, Todo};
use domain::run::warrant::{Consent, Made, Warrant};
use domain::target::Target;
use server::planner::step::Step;
use server::store::Database;
use server::store::leases::Leases;
use server::store::ledger::Ledger;
use server::store::runs::{AppendError, Order, Run, Runs};

async fn begin(runs: &Runs, endpoint: &str) -> Result<Run, AppendError> {
    let at = on_prod(endpoint);
    let (before, after) = ("blue=100".parse(), "blue=50,green=50".parse());
    let (before, after) = (before.expect("a route"), after.expect("a route"));
    let steps = vec![Step::set_route(&at.endpoint, &before, &after)];
    let intent = Intent::SetRoute { at: at.clone(), route: after.clone() };
    let moved = Some(Moved { before, after });
    let by = principal("dana");
    let warrant = Warrant::new(Consent::Applied, Made::new());
    let target = &Target::from(at);
    runs.begin(Order { target, intent, moved, steps, hash: None, warrant, by: &by }, NOW).await
}

#[tokio::test]
async fn the_journal_is_append_only() {
    on_both(async |database| {
        let runs = Runs::new(database.clone());
        let run = begin(&runs, "anet-ep").await.expect("it begins");
        let id = &run.operation.id;
        let again =
            format!("INSERT INTO journal (run, number, at, event) VALUES ('{id}', 0, 0, '{{}}')");
        for (statement, why) in [
            ("UPDATE journal SET event = '{}'", "append-only"),
            ("DELETE FROM journal", "append-only"),
            (again.as_str(), ""),
        ] {
            let refused = tried(&database, statement).await.expect_err(statement);
            assert!(refused.contains(why), "{statement}: {refused}");
        }
        let journal = runs.journal(id).await.expect("a journal");
        assert_eq!(journal.len(), 1);
        assert_eq!(journal[0].event, Event::Requested);
    })
    .await;
}

#[tokio::test]
async fn only_one_of_a_hundred_concurrent_runs_begins() {
    on_both(async |database| {
        let runs = Runs::new(database.clone());
        let all = (0..100).map(|index| {
            let runs = runs.clone();
            // Names in Azure are not case-sensitive.
            let endpoint = if index % 2 == 0 { "anet-ep" } else { "Anet-EP" };
            async move { begin(&runs, endpoint).await }
        });
        let all = futures::future::join_all(all).await;
        assert_eq!(all.iter().filter(|begun| begun.is_ok()).count(), 1);
        for refused in all.into_iter().filter_map(Result::err) {
            assert!(matches!(refused, AppendError::AnotherIsOpen), "{refused:?}");
        }
        begin(&runs, "another-ep").await.expect("another endpoint is free");
        assert_eq!(runs.open().await.expect("a store").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_run_of_an_image_holds_no_endpoint() {
    on_both(async |database| {
        let runs = Runs::new(database.clone());
        begin(&runs, "anet-ep").await.expect("it begins");
        let by = principal("dana");
        let target = &Target::Image { stage: on_prod("anet-ep").stage, name: "anet-ep".to_owned() };
        let build = || Order {
            target,
            intent: Intent::Release { release: "build.yml/image".to_owned() },
            moved: None,
            steps: vec![Step::BuildImage {
                target: "litserve".to_owned(),
                image: "anet-ep:latest".to_owned(),
                cache: String::new(),
                clear_disk: false,
            }],
            hash: None,
            warrant: Warrant::new(Consent::Applied, Made::new()),
            by: &by,
        };
        let run = runs.begin(build(), NOW).await.expect("the endpoint's run does not hold it");
        let again = runs.begin(build(), NOW).await;
        assert!(matches!(again, Err(AppendError::AnotherIsOpen)), "{again:?}");
        let leases = Leases::new(database.clone());
        for open in runs.open().await.expect("a store") {
            let target = open.operation.target.key();
            leases.take(&target, None, "one").await.expect("a store").expect("it is free");
        }
        let known = runs.load(&run.operation.id).await.expect("a store").expect("a run");
        assert_eq!(known.operation.target, *target);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_begin_leaves_no_transaction_open() {
    const CONNECTIONS: i64 = 8;
    let server = Postgres::start().await;
    let database = Database::at_server(&server.url()).await.expect("it opens");
    let beside = sqlx::PgPool::connect(&server.url()).await.expect("it answers");
    let leases = Leases::new(database.clone());
    // At each point at which beginning waits for something.
    for polls in 1..300_i64 {
        let mut begin = Box::pin(database.begin());
        for _ in 0..polls {
            if futures::poll!(&mut begin).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(begin);
        // Whichever connection of the pool writes next, the others see it.
        let all = (0..CONNECTIONS).map(|number| {
            let (leases, at) = (leases.clone(), format!("endpoint/anet-{polls}-{number}"));
            async move { leases.take(&at, None, "one").await.expect("a store").expect("it is free") }
        });
        futures::future::join_all(all).await;
        let sql = "SELECT count(*) FROM leases";
        let seen: i64 = sqlx::query_scalar(sql).fetch_one(&beside).await.expect("a number");
        assert_eq!(seen, polls * CONNECTIONS);
    }
}

#[tokio::test]
async fn a_superseded_replica_cannot_append() {
    on_both(async |database| {
        let (runs, leases) = (Runs::new(database.clone()), Leases::new(database.clone()));
        let mut run = begin(&runs, "anet-ep").await.expect("it begins");
        let at = run.operation.target.key();
        let first = leases.take(&at, None, "one").await.expect("a store").expect("a grip");
        let start = Event::StepStarted { step: 0 };
        runs.append(&first, &mut run, start.clone(), NOW, NOW).await.expect("it holds");
        assert!(leases.beat(&first).await.expect("a store"));

        let seen = leases.look(&at).await.expect("a store");
        let (two, three) = tokio::join!(
            leases.take(&at, seen.as_ref(), "two"),
            leases.take(&at, seen.as_ref(), "three")
        );
        let grips = [two.expect("a store"), three.expect("a store")];
        let [second] = &grips.iter().flatten().collect::<Vec<_>>()[..] else {
            panic!("one of two must take over: {grips:?}");
        };
        assert!(second.token > first.token);

        let sending = Event::StepSending { step: 0 };
        let refused = runs.append(&first, &mut run, sending.clone(), NOW, NOW).await;
        assert!(matches!(refused, Err(AppendError::Stale)), "{refused:?}");
        assert!(!leases.beat(&first).await.expect("a store"));
        assert!(!leases.release(&first).await.expect("a store"));
        assert!(!runs.postpone(&first, &run, NOW).await.expect("a store"));
        // The refused append left nothing behind.
        assert_eq!(runs.journal(&run.operation.id).await.expect("a journal").len(), 2);

        runs.append(second, &mut run, sending, NOW, NOW).await.expect("it holds");
        assert!(leases.release(second).await.expect("a store"));
        let let_go = runs.append(second, &mut run, start, NOW, NOW).await;
        assert!(let_go.is_err(), "{let_go:?}");
    })
    .await;
}

#[tokio::test]
async fn a_run_that_the_ledger_cannot_record_does_not_begin() {
    on_both(async |database| {
        let runs = Runs::new(database.clone());
        tried(&database, "ALTER TABLE ledger_hashes RENAME TO gone").await.expect("it is gone");
        let refused = begin(&runs, "anet-ep").await;
        assert!(matches!(refused, Err(AppendError::Ledger(_))), "{refused:?}");
        tried(&database, "ALTER TABLE gone RENAME TO ledger_hashes").await.expect("it is back");
        assert!(runs.open().await.expect("a store").is_empty());
        begin(&runs, "anet-ep").await.expect("it begins");
        assert_eq!(Ledger::new(database.clone()).size().await.expect("a ledger"), 1);
    })
    .await;
}

#[tokio::test]
async fn the_next_run_closes_a_run_that_waits_for_a_decision() {
    on_both(async |database| {
        let (runs, leases) = (Runs::new(database.clone()), Leases::new(database.clone()));
        let mut run = begin(&runs, "anet-ep").await.expect("it begins");
        let at = run.operation.target.key();
        let grip = leases.take(&at, None, "one").await.expect("a store").expect("a grip");
        for event in [
            Event::StepStarted { step: 0 },
            Event::StepSending { step: 0 },
            Event::StepFailed {
                step: 0,
                message: "No.".to_owned(),
                answer: None,
                measured: Measured::default(),
            },
            Event::NeedsAttention,
        ] {
            runs.append(&grip, &mut run, event, NOW, NOW).await.expect("legal");
        }
        assert_eq!(run.state.phase, Phase::Attention);
        // It can be retried, but not while another run is in flight.
        let retry = Event::RetryRequested { by: "Dana".to_owned() };
        let next = begin(&runs, "anet-ep").await.expect("it begins");
        let refused = runs.decide(&mut run, retry, "Retry", &principal("dana"), NOW).await;
        assert!(matches!(refused, Err(AppendError::Stale)), "{refused:?}");
        let closed = runs.load(&run.operation.id).await.expect("a store").expect("a run");
        assert!(matches!(closed.state.phase, Phase::Finished(_)), "{:?}", closed.state.phase);
        assert_eq!(closed.state.todo(), Todo::Nothing);
        let open = runs.open().await.expect("a store");
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].operation.id, next.operation.id);
        // Begun, ended, begun.
        assert_eq!(Ledger::new(database.clone()).size().await.expect("a ledger"), 3);
    })
    .await;
}
