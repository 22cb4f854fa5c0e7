//! The ledger through the console: what it records, who may export it, and that nobody can change it
//! unnoticed.

use crate::support::{Browser, DANA, LEO, PROD, Postgres, TestConsole, VERA};
use server::store::Database;
use std::path::Path;
use std::process::{Command, Output};

const ADA: &str = "Ada Auditor";
const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];

/// Reloads a page until it has this text.
async fn eventually_says(console: &TestConsole, who: &mut Browser, path: &str, words: &str) {
    let mut who = who.clone();
    console
        .eventually(words, async || who.get(path).await.words().contains(words).then_some(()))
        .await;
}

/// Moves half of the traffic, and waits until the run has ended and is recorded.
async fn moved(console: &TestConsole, who: &mut Browser) {
    console.with_deployment("anet-green").await;
    eventually_says(console, who, "/history?kind=observed", "Saw the endpoint").await;
    who.post(ROUTE, &HALVES).await.expect(303);
    eventually_says(console, who, "/history?kind=settled", "Set the route to").await;
}

fn understudy(arguments: &[&str]) -> Output {
    let program =
        Command::new(env!("CARGO_BIN_EXE_understudy")).arg("ledger").args(arguments).output();
    program.expect("it runs")
}

#[track_caller]
fn ended(output: &Output, code: i32, words: &str) {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "“{words}” is not in: {said}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Runs statements on the database, as somebody with access to the file could.
async fn beside(console: &TestConsole, statements: &[&str]) -> Result<(), sqlx::Error> {
    let Ok(Database::Sqlite(pool, _)) = Database::in_directory(&console.data()).await else {
        panic!("the database opens");
    };
    for statement in statements {
        sqlx::query(statement).execute(&pool).await?;
    }
    pool.close().await;
    Ok(())
}

/// The ledger has every action, with the person, the action, and the state before and after.
async fn expect_everything_recorded(console: &TestConsole) {
    let mut dana = console.signed_in_as(DANA).await;
    moved(console, &mut dana).await;
    let page = dana.get("/history").await.expect(200);
    page.says("Signed in");
    page.says("Set the route to anet-eedi 50 %, anet-green 50 %");
    page.says("Started with a new configuration");
    let settled = dana.get("/history?kind=settled&person=dana&endpoint=anet-ep-prod").await;
    let entry = settled.attribute(".record .title a", "href").expect("an entry");
    let entry = dana.get(&entry).await.expect(200);
    for words in ["anet-eedi=100", "anet-eedi=50,anet-green=50", DANA, "Leaf hash"] {
        entry.says(words);
    }
    // Every entry links to its run, and the run to its release or change. Times in requests are whole
    // seconds.
    let run = console
        .eventually("the second of the change is over", async || {
            let now = console.clock.now().field();
            let asked = format!("/history?live=anet-prod%2Fanet-ep-prod&at={now}");
            let live = dana.get(&asked).await.expect(200);
            let answer = live.text_of(".live-at .title")?;
            let run = live.attribute(".live-at a[href^='/runs/']", "href")?;
            answer.contains("anet-eedi 50 %, anet-green 50 %").then_some(run)
        })
        .await;
    dana.get(&run).await.expect(200).says("Set the route to anet-eedi 50 %");
    let later = "/history?live=anet-prod%2Fanet-ep-prod&at=2999-01-01T00:00";
    let future = dana.get(later).await.expect(200);
    future.says("2999-01-01 00:00:00 UTC is in the future");
    assert_eq!(future.attribute(".live-at", "class"), None, "it answers nothing");
    let chosen = "select[name=live] option[selected]";
    let from = dana.get("/history?stage=anet-prod&endpoint=anet-ep-prod").await.expect(200);
    assert_eq!(from.attribute(chosen, "value").as_deref(), Some("anet-prod/anet-ep-prod"));
    let open = dana.get("/history").await.expect(200);
    assert_eq!(open.attribute(chosen, "value").as_deref(), Some(""), "no endpoint is guessed");
    let before = "/history?live=anet-prod%2Fanet-ep-prod&at=2020-01-01T00:00";
    dana.get(before).await.expect(200).says("so what was live is unknown");
}

#[tokio::test]
async fn every_action_is_recorded() {
    expect_everything_recorded(&TestConsole::start().await).await;
}

#[tokio::test]
async fn every_action_is_recorded_on_postgresql_too() {
    let server = Postgres::start().await;
    let console = TestConsole::start_on(&server.url()).await;
    expect_everything_recorded(&console).await;
    let mut ada = console.signed_in_as(ADA).await;
    ada.post("/history", &[]).await.expect(200).says("Intact");
    let Ok(Database::Postgres(pool, _)) = Database::at_server(&server.url()).await else {
        panic!("it is PostgreSQL");
    };
    for statement in ["UPDATE ledger SET line = ''", "DELETE FROM ledger", "TRUNCATE ledger_hashes"]
    {
        let refused = sqlx::query(statement).execute(&pool).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn exports_are_reproducible_and_verify_offline() {
    let console = TestConsole::start().await;
    let mut ada = console.signed_in_as(ADA).await;
    let path = ada.get("/history").await.expect(200);
    let path = path.attribute("a[href*='export.jsonl']", "href").expect("an export");
    let first = ada.get(&path).await.expect(200);
    let checkpoint = ada.get("/history/checkpoint").await.expect(200);
    // New entries follow, but an export up to the same entry stays identical.
    console.signed_in_as(LEO).await;
    assert_eq!(ada.get(&path).await.expect(200).text, first.text);
    let csv = ada.get(&path.replace("jsonl", "csv")).await.expect(200);
    assert_eq!(csv.text.lines().count(), first.text.lines().count());
    for size in ["100000", "abc", "-1", ""] {
        for form in ["jsonl", "csv"] {
            let page = ada.get(&format!("/history/export.{form}?size={size}")).await.expect(422);
            page.says(&format!("“size” is “{size}”, but must be a whole number from 0 to "));
        }
    }
    ada.get("/history/export.csv?size=1&size=2").await.expect(422).says("is given 2 times");
    ada.get("/?page=0&stage=a%2Fb").await.expect(200).says("“page” is “0”, but must be");
    ada.get("/events/overview?page=x").await.expect(422).says("“page” is “x”, but must be");

    let folder = tempfile::tempdir().expect("a folder");
    let (export, kept) = (folder.path().join("e.jsonl"), folder.path().join("c.txt"));
    std::fs::write(&export, &first.text).expect("written");
    std::fs::write(&kept, &checkpoint.text).expect("written");
    let data = console.data();
    let key = understudy(&["key", "--data", text(&data)]);
    let key = String::from_utf8(key.stdout).expect("UTF-8").trim().to_owned();
    ended(&understudy(&["verify", text(&export)]), 0, "Intact");
    ended(
        &understudy(&["verify", text(&export), "--key", &key]),
        0,
        "signed by 127.0.0.1/understudy",
    );
    let later = ada.get("/history/export.jsonl").await.expect(200);
    let newer = folder.path().join("n.jsonl");
    std::fs::write(&newer, &later.text).expect("written");
    let with = ["--checkpoint", text(&kept), "--key", &key];
    ended(&understudy(&[&["verify", text(&newer)][..], &with].concat()), 0, "Intact");
    std::fs::write(&newer, later.text.replacen(ADA, LEO, 1)).expect("written");
    ended(&understudy(&["verify", text(&newer)]), 1, "First bad entry: entry");
    ended(&understudy(&["verify", text(&folder.path().join("none"))]), 2, "cannot be read");
}

#[tokio::test]
async fn a_refused_export_returns_nothing_and_is_recorded() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    let page = vera.get("/history").await.expect(200);
    page.says("Only these roles may export and verify the audit log");
    assert_eq!(page.attribute("a[href*='export']", "href"), None);
    for path in ["/history/export.jsonl", "/history/export.csv", "/history/checkpoint"] {
        let refused = vera.get(path).await.expect(403);
        assert!(!refused.text.contains("previous"), "{}", refused.text);
    }
    vera.post("/history", &[]).await.expect(403);
    vera.post(ROUTE, &HALVES).await.expect(403);
    let denied = vera.get("/history?kind=denied").await.expect(200);
    denied.says("Not allowed: export and verify the audit log");
    denied.says("Not allowed: set the route");
    let deletion = format!("{PROD}/deployments/anet-eedi/delete");
    vera.post(&deletion, &[]).await.expect(403);
    let denied = vera.get("/history?kind=denied").await.expect(200);
    denied.says("anet-eedi of anet-ep-prod on anet-prod");
    console.browser().get("/history/export.jsonl").await.expect(303);
}

#[tokio::test]
async fn filters_treat_any_input_as_plain_text() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    for hostile in
        ["%25", "_", "'%20OR%201=1%20--", "%00", "!%25", "%22%3E%3Cscript%3E", "%F0%9F%8C%B1"]
    {
        for field in ["text", "person"] {
            let page = dana.get(&format!("/history?{field}={hostile}")).await.expect(200);
            page.says("No matching entries.");
            assert!(!page.text.contains("\"><script>"), "{hostile}");
        }
    }
    dana.get("/history?text=signed+IN&person=dana").await.expect(200).says("Signed in");
    for wrong in ["stage=..%2Fx", "kind=all", "from=yesterday", "before=-1", "endpoint=%27"] {
        let page = dana.get(&format!("/history?{wrong}")).await.expect(200);
        page.says("Invalid input");
    }
    for missing in ["/history/4000000000", "/history/x", "/history/-1"] {
        dana.get(missing).await.expect(404);
    }
    dana.get("/history?live=nowhere%2Fanet-ep&at=2026-01-01T00:00")
        .await
        .expect(200)
        .says("The stage nowhere does not exist");
}

#[tokio::test]
async fn outside_changes_are_recorded_as_observed() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    console.with_deployment("anet-green").await;
    eventually_says(&console, &mut dana, "/history?kind=observed", "Saw the endpoint").await;
    let traffic = serde_json::json!({ "anet-eedi": 90, "anet-green": 10 });
    console.with_route(traffic, serde_json::json!({})).await;
    let words = "The route was changed outside the console";
    eventually_says(&console, &mut dana, "/history?kind=observed", words).await;
}

#[tokio::test]
async fn an_action_that_cannot_be_recorded_does_not_happen() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let full = "CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'full'); END";
    beside(&console, &[full]).await.expect("it is full");
    dana.post(ROUTE, &HALVES).await.expect(500);
    let mut leo = console.browser();
    let page = leo.sign_in(LEO, "/account").await;
    assert_eq!(page.url.path(), "/sign-in", "{}", page.text);
    assert_eq!(console.writes().await.len(), before);
    beside(&console, &["DROP TRIGGER full"]).await.expect("there is room");
    dana.get(PROD).await.expect(200);
    dana.post(ROUTE, &HALVES).await.expect(303);
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn edits_of_the_database_are_detected() {
    let console = TestConsole::start().await;
    let mut leo = console.signed_in_as(LEO).await;
    leo.post("/history", &[]).await.expect(200).says("Intact");
    for statement in [
        "UPDATE ledger SET line = ''",
        "DELETE FROM ledger",
        "INSERT OR REPLACE INTO ledger SELECT * FROM ledger WHERE position = 0",
        "DELETE FROM ledger_hashes",
        "UPDATE ledger_checkpoints SET note = ''",
    ] {
        let refused = beside(&console, &[statement]).await.expect_err(statement);
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    let tampering = [
        "DROP TRIGGER ledger_no_update",
        "UPDATE ledger SET line = replace(line, 'Leo Lead', 'Lea Lead')",
    ];
    beside(&console, &tampering).await.expect("it is written");
    let page = leo.post("/history", &[]).await.expect(200);
    page.says("Not intact");
    page.says("altered");
    let data = console.data();
    ended(&understudy(&["verify", "--database", "--data", text(&data)]), 1, "NOT intact");
    let error = console.stop().await.refused_restart().await;
    assert!(error.contains("the stored ledger is inconsistent"), "{error}");
}
