//! A run survives a crash at any point: the test stops the engine after each event of the journal, loses or
//! carries out the write that it was about to send, and continues with another engine on the same store.
//! Azure's log of writes proves that each effect happens once.

use crate::promotion::{in_step, in_steps, pass, score};
use crate::support::TestConsole;
use crate::support::store::{on_prod, principal};
use domain::intent::{Intent, Seen};
use domain::name::DeploymentName;
use domain::release::input::Inputs;
use domain::release::origin::Origin;
use domain::release::{Release, Template};
use domain::repository::ReleaseId;
use domain::route::Route;
use domain::run::state::Phase;
use domain::run::warrant::Consent;
use domain::run::{Ending, Event, RunId};
use domain::stage::EndpointKey;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use server::durable::Advanced;
use server::durable::lease::Leases;
use server::planner::Planned;
use server::planner::file::Files;
use server::planner::pinned::PinnedRelease;
use server::planner::step::{Step, Until};
use server::runs::Runs;
use server::runs::advance::advance;
use server::store;
use server::store::Database;
use std::path::Path;

/// The plans that the tests carry out.
#[derive(Debug, Clone, Copy)]
enum Plan {
    /// One PUT of the endpoint.
    Route,
    /// Creates a deployment and mirrors traffic to it: two PUTs.
    Shadow,
    /// Deletes a deployment.
    Delete,
    /// Moves live traffic in two steps, and both bakes pass: two PUTs.
    Promotion,
    /// The bake fails, and another run restores the route: two PUTs.
    Revert,
}

/// What happens to the write that the stopped engine was sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// It is lost.
    Lost,
    /// Azure carries it out.
    Arrived,
}

fn at() -> EndpointKey {
    on_prod("anet-ep-prod")
}

fn route(text: &str) -> Route {
    text.parse().expect("a route")
}

/// An engine with its own store, like a process that has just started.
async fn engine(console: &TestConsole, folder: &Path) -> (Runs, Database) {
    let database = Database::in_directory(folder).await.expect("it opens");
    let leases = Leases::alone(store::leases::Leases::new(database.clone()));
    let table = store::runs::Runs::new(database.clone());
    let evidence = store::evidence::Evidences::new(database.clone());
    let stages = console.services.stages.clone();
    (Runs::new(table, evidence, leases, stages, console.clock.clone()), database)
}

async fn sql(database: &Database, statement: &str) {
    let Database::Sqlite(pool, _) = database else { panic!("it is SQLite") };
    sqlx::query(statement).execute(pool).await.expect(statement);
}

impl Plan {
    /// A console whose stage has the policy that the plan needs.
    async fn console(self) -> TestConsole {
        let policy = match self {
            Self::Route | Self::Shadow | Self::Delete => return TestConsole::start().await,
            Self::Promotion => in_steps(&[50, 100], json!({ "requests_min": 1 })),
            Self::Revert => in_steps(&[100], json!({ "requests_min": 1 })),
        };
        TestConsole::protected(policy, Clock::manual(Clock::system().now())).await
    }

    async fn pass(self, console: &TestConsole) {
        match self {
            Self::Route | Self::Shadow | Self::Delete => console.advance(1.0).await,
            Self::Promotion => {
                assert_eq!(score(console, "anet-green").await, Some(200));
                pass(console, 10).await;
            }
            // Nobody sends requests, so nothing is measured.
            Self::Revert => pass(console, 30).await,
        }
    }

    /// Puts Azure into the state in which the plan begins.
    async fn prepare(self, console: &TestConsole) {
        console.ask(Method::DELETE, "/emulator/faults", None).await;
        console.with_route(json!({ "anet-eedi": 100 }), json!({})).await;
        let path = console.arm_path("/deployments/anet-red");
        match self {
            Self::Route => {}
            Self::Promotion | Self::Revert => in_step(console).await,
            Self::Shadow => {
                console.try_ask(Method::DELETE, &path).await;
                console
                    .eventually("it is gone", async || {
                        console.try_ask(Method::GET, &path).await.is_none().then_some(())
                    })
                    .await;
            }
            Self::Delete if console.try_ask(Method::GET, &path).await.is_none() => {
                console.with_deployment("anet-red").await;
            }
            Self::Delete => {}
        }
    }

    async fn start(self, console: &TestConsole, runs: &Runs) -> RunId {
        let (at, by) = (at(), principal("Dana Scott"));
        let red: DeploymentName = "anet-red".parse().expect("a name");
        let seen = Seen { route: Some(route("anet-eedi=100")), ..Seen::default() };
        let begun = match self {
            Self::Route => {
                let route = route("anet-eedi=50,anet-green=50");
                runs.apply(&at, &Intent::SetRoute { at: at.clone(), route }, &seen, &by).await
            }
            Self::Promotion | Self::Revert => {
                let route = route("anet-green=100");
                runs.apply(&at, &Intent::SetRoute { at: at.clone(), route }, &seen, &by).await
            }
            Self::Delete => {
                let intent = Intent::DeleteDeployment { at: at.clone(), name: red };
                runs.apply(&at, &intent, &Seen::default(), &by).await
            }
            Self::Shadow => {
                let planned = shadow(console, &at, &red).await;
                let release = Release::read(Origin::default(), Template::Build, Inputs::new());
                let release = PinnedRelease::new(ReleaseId::default(), release, Files::new());
                let intent = Intent::Release { release: Box::new(release) };
                runs.start(&at, &intent, planned, Consent::Applied, &by).await
            }
        };
        begun.expect("it begins").id
    }

    /// The expected writes to Azure, as method and end of the path.
    fn writes(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Route => vec![("PUT", "onlineEndpoints/anet-ep-prod")],
            Self::Shadow => {
                vec![("PUT", "deployments/anet-red"), ("PUT", "onlineEndpoints/anet-ep-prod")]
            }
            Self::Promotion | Self::Revert => vec![("PUT", "onlineEndpoints/anet-ep-prod"); 2],
            Self::Delete => vec![("DELETE", "deployments/anet-red")],
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::Route | Self::Shadow | Self::Promotion | Self::Revert => "PUT",
            Self::Delete => "DELETE",
        }
    }

    async fn check_end(self, console: &TestConsole) {
        let endpoint = console.endpoint().await["properties"].clone();
        let red = console.try_ask(Method::GET, &console.arm_path("/deployments/anet-red")).await;
        match self {
            Self::Route => {
                assert_eq!(endpoint["traffic"], json!({ "anet-eedi": 50, "anet-green": 50 }));
            }
            Self::Shadow => {
                assert_eq!(endpoint["mirrorTraffic"], json!({ "anet-red": 10 }));
                let red = red.expect("it is there");
                assert_eq!(red["properties"]["provisioningState"], "Succeeded");
            }
            Self::Promotion => assert_eq!(endpoint["traffic"], json!({ "anet-green": 100 })),
            Self::Revert => assert_eq!(endpoint["traffic"], json!({ "anet-eedi": 100 })),
            Self::Delete => assert!(red.is_none()),
        }
    }
}

/// A plan with two writes, like that of a release.
async fn shadow(console: &TestConsole, at: &EndpointKey, red: &DeploymentName) -> Planned {
    let eedi = console.ask(Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let mut properties = eedi["properties"].clone();
    properties.as_object_mut().expect("a map").remove("provisioningState");
    let body = json!({ "location": eedi["location"], "tags": {},
        "sku": { "name": "Default", "capacity": 1 }, "properties": properties });
    let (before, after) = (route("anet-eedi=100"), route("anet-eedi=100;mirror=anet-red:10"));
    let endpoint = at.endpoint.clone();
    let steps = vec![
        Step::Check { endpoint: endpoint.clone(), route: Some(before.clone()) },
        Step::PutDeployment { endpoint: endpoint.clone(), name: red.clone(), body },
        Step::Wait { until: Until::DeploymentSucceeded { name: red.clone() } },
        Step::set_route(&endpoint, &before, &after),
        Step::Wait { until: Until::EndpointSucceeded { route: after } },
    ];
    let plan = domain::plan::Plan {
        target: domain::target::Target::Endpoint(at.clone()),
        base: before,
        made_of: std::collections::BTreeMap::new(),
        images: std::collections::BTreeMap::new(),
        steps: steps.iter().map(Step::words).collect(),
        differences: Vec::new(),
        verdicts: Vec::new(),
        questions: Vec::new(),
        hash: None,
    };
    Planned { plan, steps }
}

/// Continues a run, and then the run that rolls it back, if there is one. Returns `false` if the store
/// accepts no more events.
async fn carried(console: &TestConsole, runs: &Runs, (plan, id): (Plan, &RunId)) -> bool {
    let mut id = id.clone();
    for _ in 0..600 {
        match advance(runs, &id).await {
            Ok(Advanced::AtRest) => match rolled_back_by(runs, &id).await {
                Some(back) => id = back,
                None => return true,
            },
            Ok(Advanced::Paused) => plan.pass(console).await,
            Ok(Advanced::Elsewhere) => panic!("nobody else is there"),
            Err(_) => return false,
        }
    }
    panic!("the run never ends")
}

/// The run that rolls this one back.
async fn rolled_back_by(runs: &Runs, id: &RunId) -> Option<RunId> {
    match runs.get(id).await.expect("a run").state.phase {
        Phase::Finished(Ending::RolledBack { run, .. }) => Some(run),
        _ => None,
    }
}

/// Makes the journal refuse events after this number.
async fn full_at(database: &Database, events: usize) {
    let full = format!(
        "CREATE TRIGGER full_{events} BEFORE INSERT ON journal WHEN (SELECT count(*) FROM journal) >= {events} \
         BEGIN SELECT RAISE(ABORT, 'full'); END"
    );
    sql(database, &full).await;
}

/// Stops the engine after the `events`-th event, and continues with another one. Returns the journal.
async fn survives(console: &TestConsole, plan: Plan, events: usize, sent: Sent) -> Vec<Event> {
    Box::pin(plan.prepare(console)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let before = console.writes().await.len();
    let (runs, database) = engine(console, folder.path()).await;
    let id = Box::pin(plan.start(console, &runs)).await;
    let what = (plan, &id);
    if sent == Sent::Lost {
        // Everything succeeds up to the intent; only the write after it is lost.
        full_at(&database, events - 1).await;
        assert!(!carried(console, &runs, what).await);
        sql(&database, &format!("DROP TRIGGER full_{}", events - 1)).await;
        let fault = json!({ "match": { "path_contains": "anet-ep-prod", "method": plan.method() },
            "times": 1, "respond": "drop" });
        console.fault(fault).await;
    }
    full_at(&database, events).await;
    // A step whose end could not be written runs again, repeatedly.
    for _ in 0..3 {
        carried(console, &runs, what).await;
        if sent == Sent::Lost {
            break;
        }
    }
    drop(runs);
    sql(&database, &format!("DROP TRIGGER full_{events}")).await;
    database.close().await;

    let (runs, database) = engine(console, folder.path()).await;
    assert!(carried(console, &runs, what).await, "{plan:?} {events} {sent:?}");
    // The run, and the run that rolled it back.
    let mut all = vec![id.clone()];
    all.extend(rolled_back_by(&runs, &id).await);
    assert_eq!(all.len(), if matches!(plan, Plan::Revert) { 2 } else { 1 });
    let run = runs.get(all.last().expect("at least one run")).await.expect("a run");
    let said = format!("{plan:?} stopped after {events}, {sent:?}: {:#?}", run.state);
    assert_eq!(run.state.phase, Phase::Finished(Ending::Succeeded), "{said}");
    plan.check_end(console).await;
    let log = console.writes().await;
    let write = |write: &Value| (text(write, "method"), text(write, "path"));
    let writes: Vec<_> = log[before..].iter().map(write).collect();
    let expected = plan.writes();
    assert_eq!(writes.len(), expected.len(), "{writes:?} {said}");
    for ((method, path), (expected, end)) in writes.iter().zip(expected) {
        assert!(method == expected && path.ends_with(end), "{writes:?} {said}");
    }
    let mut journal = Vec::new();
    for id in &all {
        journal.extend(runs.table.journal(id).await.expect("a journal"));
    }
    let recent = runs.table.recent(&at().into()).await.expect("a store");
    assert_eq!(recent.len(), all.len(), "{said}");
    database.close().await;
    journal.into_iter().map(|recorded| recorded.event).collect()
}

async fn survives_all(plan: Plan) {
    let console = plan.console().await;
    console.with_deployment("anet-green").await;
    console
        .eventually("it answers", async || {
            score(&console, "anet-green").await.filter(|status| *status == 200)
        })
        .await;
    let undisturbed = survives(&console, plan, 1_000, Sent::Arrived).await;
    for (event, number) in undisturbed.iter().zip(1..) {
        survives(&console, plan, number, Sent::Arrived).await;
        if matches!(event, Event::StepSending { .. }) {
            survives(&console, plan, number, Sent::Lost).await;
        }
    }
}

#[tokio::test]
async fn a_route_is_set_once_wherever_the_engine_stops() {
    survives_all(Plan::Route).await;
}

#[tokio::test]
async fn a_shadow_is_created_once_wherever_the_engine_stops() {
    survives_all(Plan::Shadow).await;
}

#[tokio::test]
async fn each_share_is_set_once_wherever_the_engine_stops() {
    survives_all(Plan::Promotion).await;
}

#[tokio::test]
async fn a_route_is_rolled_back_once_wherever_the_engine_stops() {
    survives_all(Plan::Revert).await;
}

#[tokio::test]
async fn a_deployment_is_deleted_once_wherever_the_engine_stops() {
    survives_all(Plan::Delete).await;
}

#[tokio::test]
async fn a_route_that_was_changed_outside_is_not_overwritten() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    // Stopped before and after the check.
    for (events, said) in
        [(1, "The route changed after this was planned"), (3, "Somebody changed it elsewhere")]
    {
        Plan::Route.prepare(&console).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (runs, database) = engine(&console, folder.path()).await;
        let id = Plan::Route.start(&console, &runs).await;
        full_at(&database, events).await;
        assert!(!carried(&console, &runs, (Plan::Route, &id)).await);
        sql(&database, &format!("DROP TRIGGER full_{events}")).await;
        console.with_route(json!({ "anet-eedi": 70, "anet-green": 30 }), json!({})).await;
        let before = console.writes().await.len();
        assert!(carried(&console, &runs, (Plan::Route, &id)).await);
        let run = runs.get(&id).await.expect("a run");
        let Phase::Finished(Ending::Failed { message }) = run.state.phase else {
            panic!("{:#?}", run.state)
        };
        assert!(message.contains(said), "{message}");
        assert_eq!(console.writes().await.len(), before);
    }
}

#[tokio::test]
async fn each_effect_happens_once_although_a_third_of_the_answers_is_lost() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    for _ in 0..10 {
        Plan::Route.prepare(&console).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (runs, _database) = engine(&console, folder.path()).await;
        let id = Plan::Route.start(&console, &runs).await;
        let before = console.writes().await.len();
        loop {
            if rand::random_bool(0.3) {
                // Before or after Azure carried out the request.
                let respond = if rand::random_bool(0.5) { "drop" } else { "lost" };
                let matches = json!({ "path_contains": "anet-ep-prod" });
                console.fault(json!({ "match": matches, "respond": respond })).await;
            }
            match advance(&runs, &id).await.expect("a store") {
                Advanced::AtRest => break,
                _ => console.advance(1.0).await,
            }
        }
        let run = runs.get(&id).await.expect("a run");
        assert_eq!(run.state.phase, Phase::Finished(Ending::Succeeded), "{:#?}", run.state);
        console.ask(Method::DELETE, "/emulator/faults", None).await;
        Plan::Route.check_end(&console).await;
        assert_eq!(console.writes().await.len(), before + 1, "{:#?}", run.state);
    }
}

fn text(write: &Value, field: &str) -> String {
    write[field].as_str().unwrap_or_default().to_owned()
}
