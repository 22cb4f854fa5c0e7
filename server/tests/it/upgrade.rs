//! An upgrade keeps everything that an earlier release had stored: pending changes with their approvals and
//! evidence, runs in flight, roll-backs and the ledger. The folder `upgrade/` holds the data directory that the
//! release before wrote, with its emulator, in the middle of its work.

use crate::changes::evidence::{capture, mirrored, on_a_comparison};
use crate::changes::{HALVES, ROUTE, WHY, decide, eventually_stands, propose, standing};
use crate::support::store::{beside, on_prod, tried};
use crate::support::{Browser, DANA, LEO, Postgres, Stopped, TestConsole, Wanted};
use domain::target::Target;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::clock::Clock;
use server::store::Database;
use server::store::leases::Leases;
use server::store::runs::Runs;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use std::path::{Path, PathBuf};

/// The value of a secret environment variable of the deployments to create.
const SECRET: &str = "canary-7f3a";
const EXAMPLE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment";
/// The last migration of the release before intents.
const BEFORE_INTENTS: i64 = 13;
const LEDGER: &str = "/history/export.jsonl";
const RELEASE: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan";

/// What the earlier release wrote, for the tests that go on with it.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    /// The console's clock.
    now: i64,
    /// The emulator's address, which journals contain.
    emulator: String,
    /// Paths of approved changes.
    route: String,
    creation: String,
    deletion: String,
    release: String,
    /// The path of a change that still needs its approval.
    waiting: String,
    /// The path of the run in flight.
    in_flight: String,
    /// The path of a finished run that can be rolled back.
    finished: String,
}

fn folder() -> PathBuf {
    std::path::absolute("tests/it/upgrade").expect("a folder")
}

fn yaml(name: &str) -> String {
    format!(
        "name: {name}\nmodel: azureml:nbq:2\nenvironment: azureml:ml-azua-litserve-env:1\n\
         instance_type: Standard_DS3_v2\ninstance_count: 1\n\
         environment_variables:\n  API_KEY: {SECRET}\n"
    )
}

fn location(page: &crate::support::Page) -> String {
    page.header("location").expect("a page").to_owned()
}

async fn propose_yaml(who: &mut Browser, name: &str) -> String {
    let parts = [
        ("yaml", None, yaml(name)),
        ("do", None, "propose".to_owned()),
        ("reason", None, WHY.to_owned()),
    ];
    let parts: Vec<_> =
        parts.iter().map(|(field, file, text)| (*field, *file, text.as_bytes())).collect();
    location(&who.upload(EXAMPLE, &parts).await.expect(303))
}

async fn propose_release(who: &mut Browser) -> String {
    let (reference, answer) = ("shadow-nbq-2", ("in.shadow_deploy_mirror_percentage", "10"));
    let page = format!("{RELEASE}?ref={reference}&{}={}", answer.0, answer.1);
    let hash = who.get(&page).await.expect(200).attribute("input[name=plan]", "value");
    let hash = hash.expect("a hash");
    let fields = [("ref", reference), answer, ("plan", &hash), ("do", "propose"), ("reason", WHY)];
    location(&who.post(RELEASE, &fields).await.expect(303))
}

/// Waits until no run is in flight.
async fn settled(console: &TestConsole) {
    console
        .eventually("the run is over", async || {
            // The engine asks Azure again at its own times.
            console.clock.advance(1_000);
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
}

/// Copies a data directory without what only a running console needs.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("emulator")).expect("a folder");
    for name in ["understudy.db", "secrets.key", "emulator/state.json"] {
        std::fs::copy(from.join(name), to.join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Starts this release on what the earlier one had stored.
async fn upgraded() -> (TestConsole, Written) {
    let text = std::fs::read_to_string(folder().join("written.json")).expect("a file");
    let written: Written = serde_json::from_str(&text).expect("JSON");
    let files = tempfile::tempdir().expect("a folder");
    let data = files.path().join("data");
    copy(&folder(), &data);
    // Free ports, which nobody else uses while the console starts.
    let free = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addresses = [free(), free()].map(|port| port.local_addr().expect("an address"));
    moved(&data, &written.emulator, &format!("http://{}/", addresses[1])).await;
    let clock = Clock::manual(Timestamp(written.now));
    let wanted = Wanted { clock, ..Wanted::protected(on_a_comparison()) };
    let console = Stopped::on(files, wanted, written.now, addresses).restart().await;
    console.observed().await;
    (console, written)
}

/// Journals name the emulator's address, which is another one in each test.
async fn moved(data: &Path, from: &str, to: &str) {
    let file = SqliteConnectOptions::new().filename(data.join("understudy.db"));
    let mut database = SqliteConnection::connect_with(&file).await.expect("it opens");
    for statement in [
        "DROP TRIGGER journal_no_update".to_owned(),
        format!("UPDATE journal SET event = replace(event, '{from}', '{to}')"),
        "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
         BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            .to_owned(),
    ] {
        sqlx::query(&statement).execute(&mut database).await.expect("it is written");
    }
    database.close().await.expect("it is closed");
}

/// The writes to the paths that contain `part`.
async fn writes_to(console: &TestConsole, part: &str) -> Vec<Value> {
    let all = console.writes().await.into_iter();
    all.filter(|write| write["path"].as_str().is_some_and(|path| path.contains(part))).collect()
}

/// Starts an approved change of the earlier release, which must not need another approval.
async fn starts(console: &TestConsole, change: &str) {
    let mut dana = console.signed_in_as(DANA).await;
    assert_eq!(standing(&mut dana, change).await, "approved");
    dana.get(change).await.expect(200).says("Go ahead");
    decide(&mut dana, change, "start", "").await.expect(303);
    eventually_stands(console, &dana, change, "succeeded").await;
}

#[tokio::test]
async fn an_approved_route_keeps_its_approval_and_its_evidence() {
    let (console, written) = upgraded().await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&written.route).await.expect(200);
    let evidence = page.text_of("#evidence").expect("a section");
    assert!(evidence.contains("passed"), "{evidence}");
    starts(&console, &written.route).await;
    let [write] = &writes_to(&console, "anet-ep-prod").await[..] else { panic!("one write") };
    let traffic = &write["body"]["properties"]["traffic"];
    assert_eq!(*traffic, json!({ "anet-eedi": 50, "anet-green": 50 }));
}

#[tokio::test]
async fn an_approved_creation_sends_the_secrets_that_were_approved() {
    let (console, written) = upgraded().await;
    starts(&console, &written.creation).await;
    let [write] = &writes_to(&console, "anet-new").await[..] else { panic!("one write") };
    let variables = &write["body"]["properties"]["environmentVariables"];
    assert_eq!(variables["API_KEY"], SECRET);
}

#[tokio::test]
async fn an_approved_deletion_and_an_approved_release_are_carried_out() {
    let (console, written) = upgraded().await;
    starts(&console, &written.deletion).await;
    let [write] = &writes_to(&console, "anet-red").await[..] else { panic!("one write") };
    assert_eq!(write["method"], "DELETE");
    starts(&console, &written.release).await;
    let endpoint = console.endpoint().await;
    assert_eq!(endpoint["properties"]["mirrorTraffic"], json!({ "anet-nbq2": 10 }));
}

#[tokio::test]
async fn a_waiting_change_can_be_approved() {
    let (console, written) = upgraded().await;
    let mut leo = console.signed_in_as(LEO).await;
    assert_eq!(standing(&mut leo, &written.waiting).await, "waits for approval");
    decide(&mut leo, &written.waiting, "approve", "Go ahead").await.expect(303);
    starts(&console, &written.waiting).await;
}

#[tokio::test]
async fn a_run_in_flight_goes_on_and_sends_nothing_twice() {
    let (console, written) = upgraded().await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.get(&written.in_flight).await.expect(200).says("Create deployment anet-three");
    settled(&console).await;
    dana.get(&written.in_flight).await.expect(200).says("Verified in Azure.");
    assert_eq!(writes_to(&console, "anet-three").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_finished_run_can_be_rolled_back() {
    let (console, written) = upgraded().await;
    settled(&console).await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&written.finished).await.expect(200);
    page.says("Set the route to anet-eedi 50 %, anet-two 50 %");
    let base = page.attribute("#roll-back input[name=base]", "value").expect("a route");
    let fields = [("decision", "roll-back"), ("base", base.as_str())];
    let run = location(&dana.post(&written.finished, &fields).await.expect(303));
    settled(&console).await;
    dana.get(&run).await.expect(200).says("Roll the route back to anet-eedi 100 %");
    dana.get(&written.finished).await.expect(200).says("Rolled back");
}

#[tokio::test]
async fn the_ledger_keeps_every_entry_and_verifies() {
    let (console, _) = upgraded().await;
    settled(&console).await;
    let mut ada = console.signed_in_as("Ada Auditor").await;
    ada.post("/history", &[]).await.expect(200).says("Intact");
    let before = std::fs::read_to_string(folder().join("ledger.jsonl")).expect("a file");
    let now = ada.get(LEDGER).await.expect(200).text;
    let entries = |text: &str| -> Vec<String> {
        // Only the entries: the lines around them say how long the export is.
        text.lines().filter(|line| line.contains("\"index\"")).map(str::to_owned).collect()
    };
    let (before, now) = (entries(&before), entries(&now));
    assert!(before.len() > 10 && now.len() > before.len(), "{} {}", before.len(), now.len());
    assert_eq!(now[..before.len()], before[..]);
}

/// The migrations before intents, as an earlier release knew them.
fn earlier(mut migrator: Migrator) -> Migrator {
    let known = migrator.migrations.iter().filter(|one| one.version <= BEFORE_INTENTS);
    migrator.migrations = known.cloned().collect();
    migrator
}

/// What an earlier release stored as the action of a run, and its title now.
const ACTIONS: [(&str, &str); 5] = [
    (r#"{"set_route":{"before":"blue=100","after":"green=100"}}"#, "Set the route to green 100 %"),
    (r#"{"create_deployment":{"deployment":"green"}}"#, "Create deployment green"),
    (r#"{"delete_deployment":{"deployment":"green"}}"#, "Delete deployment green"),
    (
        r#"{"release":{"release":"deploy.yml/prod","before":"blue=100","after":"blue=100"}}"#,
        "Carry out the release deploy.yml/prod",
    ),
    (
        r#"{"roll_back":{"run":"r","before":"green=100","after":"blue=100"}}"#,
        "Roll the route back to blue 100 %",
    ),
];

fn inserts() -> impl Iterator<Item = String> {
    let runs = (1..).zip(ACTIONS).map(|(number, (action, _))| {
        format!(
            "INSERT INTO runs (id, stage, endpoint, action, steps, by_person, by_name, started, standing,
             progress, events, due, number) VALUES ('run-{number}', 'anet-prod', 'Anet-EP', '{action}', '[]', 't/o',
             'Dana', 1, 'finished', '\"succeeded\"', 0, 1, {number})"
        )
    });
    let lease = "INSERT INTO leases (stage, endpoint, token, beat, holder)
                 VALUES ('anet-prod', 'anet-ep', 7, 3, NULL)";
    let wishes = [
        r#"{"wish":"set_route","route":"green=100"}"#,
        r#"{"wish":"create","name":"green","body":{"properties":{"x":1.50}}}"#,
        r#"{"wish":"delete","name":"green"}"#,
    ];
    let changes = (1..).zip(wishes).map(|(number, wish)| {
        format!(
            "INSERT INTO changes (id, stage, endpoint, title, wish, planned, standing, state, proposed, events, open)
             VALUES ('change-{number}', 'anet-prod', 'anet-ep', 't', '{wish}', '{{}}', '{{}}', 'proposed', 1, 0, 1)"
        )
    });
    runs.chain([lease.to_owned()]).chain(changes)
}

async fn is_upgraded(database: &Database) {
    let target = Target::from(on_prod("anet-ep"));
    let runs = Runs::new(database.clone()).recent(&target).await.expect("the runs");
    let titles: Vec<_> = runs.iter().rev().map(|run| run.intent.title()).collect();
    assert_eq!(titles, ACTIONS.map(|(_, title)| title));
    let moved = runs.iter().filter_map(|run| run.moved.as_ref()).map(|moved| moved.after.to_text());
    assert_eq!(moved.collect::<Vec<_>>(), ["blue=100", "blue=100", "green=100"]);
    let lease = Leases::new(database.clone()).look(&target.key()).await.expect("the lease");
    assert_eq!(lease.expect("a lease").token, 7);
    let rewritten = "UPDATE changes SET has_intent = 1 WHERE has_intent = 1";
    assert_eq!(tried(database, rewritten).await, Ok(3));
}

#[tokio::test]
async fn rows_of_an_earlier_release_are_migrated_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("understudy.db");
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut before = SqliteConnection::connect_with(&options).await.expect("it opens");
    earlier(sqlx::migrate!("migrations/sqlite")).run(&mut before).await.expect("its tables");
    for insert in inserts() {
        sqlx::query(&insert).execute(&mut before).await.expect(&insert);
    }
    before.close().await.expect("it is closed");
    let database = Database::in_directory(folder.path()).await.expect("it opens");
    is_upgraded(&database).await;
}

#[tokio::test]
async fn rows_of_an_earlier_release_are_migrated_on_postgresql() {
    let server = Postgres::start().await;
    let mut before = PgConnection::connect(&server.url()).await.expect("it answers");
    earlier(sqlx::migrate!("migrations/postgres")).run(&mut before).await.expect("its tables");
    for insert in inserts() {
        sqlx::query(&insert).execute(&mut before).await.expect(&insert);
    }
    is_upgraded(&beside(&server).await).await;
}

/// Writes the folder `upgrade/` with the release that is checked out. Run it before a change of what is stored.
#[tokio::test]
#[ignore = "writes the data of the other tests"]
async fn write_what_this_release_stores() {
    let clock = Clock::manual(Clock::system().now());
    let console = TestConsole::protected(on_a_comparison(), clock).await;
    console.observed().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    console.with_deployment("anet-red").await;
    console.with_deployment("anet-green").await;
    mirrored(&console, "anet-green").await;
    capture(&mut dana, "anet-green").await.expect(303);
    console.with_route(json!({ "anet-eedi": 100 }), json!({})).await;
    console.observes("anet-eedi=100").await;

    // A finished run and a run in flight on the unprotected stage.
    let place = console.services.stages.iter().next().expect("a stage");
    let dev = place.observer.now().endpoints.keys().next().expect("an endpoint").to_string();
    let dev = format!("/stages/{}/endpoints/{dev}", place.stage.name);
    let page = dana.get(&format!("{dev}/route")).await.expect(200);
    let base = page.attribute("input[name=base]", "value").expect("a route");
    let live = base.split('=').next().expect("a deployment").to_owned();
    let create = async |dana: &mut Browser, name: &str| {
        let text = yaml(name);
        let parts: [(&str, Option<&str>, &[u8]); 1] = [("yaml", None, text.as_bytes())];
        location(&dana.upload(&format!("{dev}/new-deployment"), &parts).await.expect(303))
    };
    create(&mut dana, "anet-two").await;
    settled(&console).await;
    let halves = [
        (format!("live.{live}"), "50".to_owned()),
        ("live.anet-two".to_owned(), "50".to_owned()),
        ("base".to_owned(), base),
    ];
    let halves: Vec<_> =
        halves.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    dana.post(&format!("{dev}/route"), &halves).await.expect(303);
    settled(&console).await;
    let finished = dana.get(&dev).await.expect(200).attribute("a[href^='/runs/']", "href");

    let mut approved = Vec::new();
    approved.push(propose(&mut dana).await);
    approved.push(propose_yaml(&mut dana, "anet-new").await);
    let deletion = [("do", "propose"), ("reason", WHY)];
    let page = dana
        .delete(&format!("{}/deployments/anet-red/delete", crate::support::PROD), &deletion)
        .await;
    approved.push(location(&page.expect(303)));
    approved.push(propose_release(&mut dana).await);
    for change in &approved {
        decide(&mut leo, change, "approve", "Go ahead").await.expect(303);
    }
    let more = [("do", "propose"), ("reason", "Another reason")];
    let waiting = location(&dana.post(ROUTE, &[&HALVES[..], &more].concat()).await.expect(303));
    let in_flight = create(&mut dana, "anet-three").await;
    console
        .eventually("it was sent", async || {
            let all = console.writes().await;
            let is_it = |write: &Value| {
                write["path"].as_str().is_some_and(|path| path.contains("anet-three"))
            };
            console.clock.advance(1_000);
            all.iter().any(is_it).then_some(())
        })
        .await;

    let [route, creation, deletion, release] = approved.try_into().expect("four changes");
    let ledger = console.signed_in_as("Ada Auditor").await.get(LEDGER).await.expect(200).text;
    std::fs::write(folder().join("ledger.jsonl"), ledger).expect("a file");
    let written = Written {
        now: console.clock.now().0,
        emulator: console.emulator.to_string(),
        route,
        creation,
        deletion,
        release,
        waiting,
        in_flight,
        finished: finished.expect("a run"),
    };
    let data = console.stop().await.files;
    let data = data.path().join("data");
    let database = Database::in_directory(&data).await.expect("it opens");
    for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        tried(&database, statement).await.expect("it is one file");
    }
    database.close().await;
    copy(&data, &folder());
    let written = serde_json::to_string_pretty(&written).expect("JSON");
    std::fs::write(folder().join("written.json"), written + "\n").expect("a file");
}
