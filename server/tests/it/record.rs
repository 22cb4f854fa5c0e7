//! Changes to the stored ledger from outside the console are detected: in each column of each table, and at
//! the next start even if the whole database was rewritten.

use crate::support::store::{NOW, on_prod, principal, tried};
use crate::support::{Browser, LEO, TestConsole, VERA};
use ledger::key::Signer;
use server::clock::Clock;
use server::entries;
use server::entries::Others;
use server::history::History;
use server::history::anchor::Anchor;
use server::history::check::{CheckError, at_start, whole};
use server::history::verification;
use server::store::Database;
use server::store::ledger::Ledger;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const UNLOCKED: [&str; 8] = [
    "DROP TRIGGER ledger_no_update",
    "DROP TRIGGER ledger_no_delete",
    "DROP TRIGGER ledger_in_order",
    "DROP TRIGGER ledger_hashes_no_update",
    "DROP TRIGGER ledger_hashes_no_delete",
    "DROP TRIGGER ledger_hashes_in_order",
    "DROP TRIGGER ledger_checkpoints_no_update",
    "DROP TRIGGER ledger_checkpoints_no_delete",
];

fn signer(seed: u8) -> Signer {
    Signer::from_seed("a-test", &[seed; 32]).expect("a key")
}

async fn history(folder: &Path, by: &Signer) -> (Arc<History>, Database) {
    let database = Database::in_directory(folder).await.expect("it opens");
    let anchor = Anchor::at(folder.join("ledger.checkpoint"));
    let history = History::new(Ledger::new(database.clone()), by.clone(), Clock::manual(NOW));
    (Arc::new(history.anchored(anchor)), database)
}

/// A ledger with a few entries of each kind that can be searched, and with checkpoints of several sizes.
async fn working_day(folder: &Path) {
    let (history, database) = history(folder, &signer(1)).await;
    history
        .started([("public_url".to_owned(), "http://here".to_owned())].into())
        .await
        .expect("ok");
    let route = |text: &str| text.parse().expect("a route");
    for n in 0..5 {
        history
            .record(entries::signed_in(&principal("Dana"), Others::default(), NOW))
            .await
            .expect("recorded");
        history.seal().await.expect("signed");
        let seen = entries::observed(
            &on_prod("anet-ep"),
            &route(&format!("blue={},green={n}", 100 - n)),
            None,
            NOW,
        );
        history.record(seen).await.expect("recorded");
        history
            .record(entries::sign_in_refused("a forged state", "r", NOW))
            .await
            .expect("recorded");
    }
    history.seal().await.expect("signed");
    database.close().await;
}

fn copied(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = folder.path().join(path.file_name().expect("a name"));
        std::fs::copy(&path, to).expect("copied");
    }
    folder
}

#[tokio::test]
async fn a_change_in_any_column_of_the_ledger_is_found() {
    let original = tempfile::tempdir().expect("a folder");
    working_day(original.path()).await;
    let (intact, database) = history(original.path(), &signer(1)).await;
    let proof = whole(&intact).await.expect("it is intact");
    assert_eq!(proof.checkpoint.size, 17);
    at_start(&intact).await.expect("it starts");
    database.close().await;
    let other = signer(2);
    let forged = ledger::checkpoint::Checkpoint {
        origin: "a-test".to_owned(),
        size: 3,
        root: ledger::tree::leaf(b"x"),
    };
    let forged = format!(
        "INSERT INTO ledger_checkpoints (size, note) VALUES (3, '{}')",
        forged.sign(&other).expect("signed")
    );
    let tampering = [
        ("UPDATE ledger SET position = 99 WHERE position = 16", "entry 17"),
        ("UPDATE ledger SET position = -1 WHERE position = 0", "entry 0"),
        ("UPDATE ledger SET line = replace(line, 'Dana', 'Dora') WHERE position = 2", "entry 2"),
        (
            "UPDATE ledger SET at = at + 1 WHERE position = 3",
            "entry 3: altered: the database has at",
        ),
        ("UPDATE ledger SET at = 'soon' WHERE position = 3", "altered"),
        ("UPDATE ledger SET kind = 'denied' WHERE position = 3", "has kind “denied”"),
        ("UPDATE ledger SET outcome = 'failed' WHERE position = 3", "has outcome “failed”"),
        ("UPDATE ledger SET person = 'leo' WHERE position = 2", "has person “leo”"),
        ("UPDATE ledger SET stage = 'anet-dev' WHERE position = 3", "has stage “anet-dev”"),
        ("UPDATE ledger SET stage = NULL WHERE position = 3", "has stage “”"),
        ("UPDATE ledger SET endpoint = 'other' WHERE position = 3", "has endpoint “other”"),
        ("UPDATE ledger SET route = 'green=100' WHERE position = 3", "has route “green=100”"),
        ("UPDATE ledger SET route = NULL WHERE position = 3", "has route “”"),
        ("UPDATE ledger SET route = 'green=100' WHERE position = 2", "has route “green=100”"),
        ("UPDATE ledger SET words = '' WHERE position = 4", "has words “”"),
        ("UPDATE ledger SET words = x'00' WHERE position = 4", "altered"),
        ("DELETE FROM ledger WHERE position = 16", "17"),
        ("DELETE FROM ledger WHERE position = 5", "missing"),
        (
            "INSERT INTO ledger SELECT 17, line, at, kind, outcome, person, stage, endpoint, route, words \
             FROM ledger WHERE position = 3",
            "entry",
        ),
        (
            "UPDATE ledger_hashes SET hash = zeroblob(32) WHERE position = 0",
            "hash 0 of the tree was altered",
        ),
        (
            "UPDATE ledger_hashes SET hash = zeroblob(31) WHERE position = 7",
            "hash 7 of the tree was altered",
        ),
        ("UPDATE ledger_hashes SET hash = 'text' WHERE position = 7", "altered"),
        ("UPDATE ledger_hashes SET position = -3 WHERE position = 4", "numbered from 0"),
        ("DELETE FROM ledger_hashes WHERE position = 9", "numbered from 0"),
        (
            "INSERT INTO ledger_hashes SELECT max(position) + 1, zeroblob(32) FROM ledger_hashes",
            "make 32 hashes",
        ),
        (
            "UPDATE ledger_checkpoints SET size = 4 WHERE size = 3",
            "stored as one of 4 entries, but covers 3",
        ),
        (
            "UPDATE ledger_checkpoints SET size = -4 WHERE size = 3",
            "stored as one of -4 entries, but covers 3",
        ),
        ("UPDATE ledger_checkpoints SET size = 400 WHERE size = 3", "400"),
        (
            "UPDATE ledger_checkpoints SET note = replace(note, 'a-test', 'b-test') WHERE size = 3",
            "checkpoint",
        ),
        ("UPDATE ledger_checkpoints SET note = '' WHERE size = 3", "a checkpoint of 3 entries"),
        (forged.as_str(), "not signed by"),
        ("DELETE FROM ledger_checkpoints WHERE size = 17", "is no longer in the database"),
    ];
    for (statement, words) in tampering {
        let folder = copied(original.path());
        let (history, database) = history(folder.path(), &signer(1)).await;
        for unlock in UNLOCKED {
            tried(&database, unlock).await.expect(unlock);
        }
        assert_ne!(tried(&database, statement).await.expect(statement), 0, "{statement}");
        let found = whole(&history).await.expect_err(statement);
        assert!(found.is_finding(), "{statement}: {found:?}");
        assert!(found.to_string().contains(words), "{statement}: {found}");
        at_start(&history).await.expect_err(statement);
        let seen = verification::latest(&history).await.expect("it was verified");
        assert!(seen.fault.is_some(), "{statement}");
        database.close().await;
    }
}

#[tokio::test]
async fn a_ledger_rewritten_in_the_database_prevents_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    working_day(folder.path()).await;
    let (older, database) = history(folder.path(), &signer(1)).await;
    for unlock in UNLOCKED {
        tried(&database, unlock).await.expect(unlock);
    }
    for table in ["ledger", "ledger_hashes", "ledger_checkpoints"] {
        tried(&database, &format!("DELETE FROM {table}")).await.expect("gone");
    }
    let empty = at_start(&older).await.expect_err("it is empty");
    assert!(empty.to_string().contains("the ledger has 0 entries"), "{empty}");
    // Every entry, column and hash is as a console would have written it.
    for _ in 0..20 {
        older
            .record(entries::signed_in(&principal("Somebody else"), Others::default(), NOW))
            .await
            .expect("recorded");
    }
    let refused = at_start(&older).await.expect_err("it is another ledger");
    assert!(refused.to_string().contains("the ledger was rewritten"), "{refused}");
    assert!(matches!(whole(&older).await, Err(CheckError::NotContinued(_))));
    database.close().await;
}

#[tokio::test]
async fn a_crash_between_commit_and_checkpoint_file_does_not_prevent_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    working_day(folder.path()).await;
    let (history, database) = history(folder.path(), &signer(1)).await;
    let file = history.anchor().expect("a place").file().to_owned();
    let kept = std::fs::read(&file).expect("it is there");
    history
        .record(entries::signed_in(&principal("Dana"), Others::default(), NOW))
        .await
        .expect("recorded");
    at_start(&history).await.expect("it was committed and not signed");
    history.sign().await.expect("signed");
    at_start(&history).await.expect("it was signed and not kept beside the key");
    history.seal().await.expect("kept");
    std::fs::write(&file, &kept).expect("written");
    at_start(&history).await.expect("the file is older than the ledger");
    std::fs::write(file.with_extension("checkpoint.1"), "half a checkpoint").expect("written");
    at_start(&history).await.expect("a half-written file is ignored");
    std::fs::remove_file(&file).expect("gone");
    at_start(&history).await.expect("earlier versions wrote no checkpoint file");
    database.close().await;
}

#[tokio::test]
async fn an_empty_database_with_an_old_key_prevents_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (history, database) = history(folder.path(), &signer(1)).await;
    let refused = at_start(&history).await.expect_err("the key is older");
    assert!(refused.to_string().contains("the ledger is empty, but its key is older"), "{refused}");
    database.close().await;
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

#[tokio::test]
async fn beginning_a_ledger_again_requires_a_recorded_reason() {
    let console = TestConsole::start().await;
    let data = console.data();
    let path = data.to_str().expect("a path in UTF-8").to_owned();
    let begin = ["begin", "--data", &path, "--by", "Olga Ops", "--reason", "The disk died"];
    ended(&understudy(&begin), 2, "stop the console first");
    let stopped = console.stop().await;
    ended(&understudy(&begin), 2, "there is nothing to accept");
    for file in ["understudy.db", "understudy.db-wal", "understudy.db-shm"] {
        let _ = std::fs::remove_file(data.join(file));
    }
    let site = stopped.files.path().join("site");
    let refused = Command::new(env!("CARGO_BIN_EXE_understudy"))
        .args([
            "serve",
            "--data",
            &path,
            "--listen",
            "127.0.0.1:0",
            "--emulator-listen",
            "127.0.0.1:0",
            "--site",
        ])
        .arg(site)
        .output();
    ended(&refused.expect("it runs"), 1, "understudy ledger begin --by NAME --reason TEXT");
    ended(&understudy(&["verify", "--database", "--data", &path]), 1, "NOT intact");
    ended(&understudy(&["begin", "--data", &path, "--by", "Olga Ops"]), 2, "--reason");
    let blank = ["begin", "--data", &path, "--by", "Olga Ops", "--reason", " "];
    ended(&understudy(&blank), 2, "it is blank");
    ended(&understudy(&begin), 0, "accepted, as entry 0 records");
    let console = stopped.restart().await;
    let mut leo = console.signed_in_as(LEO).await;
    let page = leo.get("/history?kind=begun_again").await.expect(200);
    for words in ["Began again", "The disk died", "Olga Ops (named at the command line)"] {
        page.says(words);
    }
    leo.post("/history", &[]).await.expect(200).says("Intact");
    console.stop().await.restart().await;
}

/// What the audit log and “What was live” show to a viewer.
async fn both_say(vera: &mut Browser, words: &str) {
    let page = vera.get("/history").await.expect(200);
    page.says(words);
    let asked = "/history?live=anet-prod%2Fanet-ep-prod&at=2020-01-01T00:00";
    let page = vera.get(asked).await.expect(200);
    assert_eq!(page.words().matches(words).count(), 2, "{}", page.words());
}

#[tokio::test]
async fn what_was_live_shows_that_the_ledger_was_altered() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    let mut leo = console.signed_in_as(LEO).await;
    console
        .eventually("the endpoint is seen", async || {
            let page = leo.get("/history?kind=observed").await;
            page.words().contains("Saw the endpoint").then_some(())
        })
        .await;
    both_say(&mut vera, "are intact, and so is their search index").await;
    let database = Database::in_directory(&console.data()).await.expect("it opens");
    for statement in
        ["DROP TRIGGER ledger_no_update", "UPDATE ledger SET route = NULL WHERE route IS NOT NULL"]
    {
        tried(&database, statement).await.expect("it is written");
    }
    leo.post("/history", &[]).await.expect(200).says("Not intact");
    both_say(&mut vera, "The stored ledger was altered").await;
    database.close().await;
}
