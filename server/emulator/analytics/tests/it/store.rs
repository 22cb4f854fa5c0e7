//! Rows survive what happens to processes and files.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{ask_at, now};
use analytics::{
    LogStore, Options, Partial, Schema, SchemaError, StoreError, Type, Value, query, ticks,
};

fn schema() -> Schema {
    Schema::of(&[
        ("TimeGenerated", Type::DateTime),
        ("n", Type::Long),
        ("s", Type::String),
        ("j", Type::Dynamic),
        ("r", Type::Real),
        ("b", Type::Bool),
    ])
    .expect("valid")
}

fn row(n: i64) -> Vec<Value> {
    vec![
        Value::Long(now() - n * ticks::SECOND),
        Value::Long(n),
        Value::text(format!("row {n}")),
        Value::dynamic(serde_json::json!({ "n": n })),
        Value::Real(n as f64 / 2.0),
        if n % 3 == 0 { Value::Null } else { Value::Bool(n % 2 == 0) },
    ]
}

fn open(folder: &Path) -> LogStore {
    let store = LogStore::open(folder).expect("a store");
    store.create("T", &schema()).expect("a table");
    store
}

fn append(store: &LogStore, from: i64, to: i64) {
    let rows: Vec<_> = (from..to).map(row).collect();
    store.append("T", now(), &rows).expect("appends");
}

fn count(store: &LogStore) -> String {
    ask_at(store, "T | count", now()).expect("an answer").concat()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("T")).expect("a table");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|one| one == extension));
    paths.sort();
    paths
}

#[test]
fn rows_are_the_same_in_memory_after_a_restart_and_in_a_full_segment() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = "T | where n < 5 | project n, s, j.n, r, b, TimeGenerated, ingestion_time()";
    let store = open(folder.path());
    append(&store, 0, 10);
    let growing = ask_at(&store, all, now()).expect("an answer");
    assert_eq!(growing[2], "2|row 2|2|1|true|2026-11-30T11:59:58Z|2026-11-30T12:00:00Z");
    drop(store);
    let store = open(folder.path());
    assert!(store.problems().is_empty(), "{:?}", store.problems());
    assert_eq!(ask_at(&store, all, now()).expect("an answer"), growing);
    append(&store, 10, 70_000);
    assert_eq!(files(folder.path(), "segment").len(), 1);
    assert_eq!(ask_at(&store, all, now()).expect("an answer"), growing);
    assert_eq!(count(&store), "70000");
    drop(store);
    assert_eq!(count(&open(folder.path())), "70000");
}

#[test]
fn a_torn_tail_is_cut_and_said_wherever_it_tears() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 3);
    let log = files(folder.path(), "log").pop().expect("a log");
    let whole = fs::metadata(&log).expect("a file").len();
    append(&store, 3, 5);
    drop(store);
    let bytes = fs::read(&log).expect("a log");
    for length in whole..bytes.len() as u64 {
        fs::write(&log, &bytes[..usize::try_from(length).expect("small")]).expect("writes");
        let store = open(folder.path());
        assert_eq!(count(&store), "3", "{length} bytes");
        assert_eq!(
            store.problems().len(),
            usize::from(length > whole),
            "{length} bytes: {:?}",
            store.problems()
        );
        // What is appended then is there after the next start.
        append(&store, 3, 4);
        drop(store);
        assert_eq!(count(&open(folder.path())), "4", "{length} bytes");
    }
}

#[test]
fn a_changed_byte_in_the_log_ends_it_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 3);
    append(&store, 3, 5);
    drop(store);
    let log = files(folder.path(), "log").pop().expect("a log");
    let mut bytes = fs::read(&log).expect("a log");
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    fs::write(&log, bytes).expect("writes");
    let store = open(folder.path());
    assert_eq!(count(&store), "3");
    assert!(store.problems()[0].contains("were cut off"), "{:?}", store.problems());
}

#[test]
fn a_damaged_block_costs_its_segment_and_the_answer_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 65_536);
    append(&store, 65_536, 65_546);
    let segment = files(folder.path(), "segment").pop().expect("a segment");
    let mut bytes = fs::read(&segment).expect("a segment");
    bytes[20] ^= 1;
    fs::write(&segment, &bytes).expect("writes");
    // The number of rows needs no block.
    assert_eq!(count(&store), "65546");
    let answer = query(&store, "T | where TimeGenerated > ago(1000d) | count", &Options::at(now()))
        .expect("an answer");
    assert_eq!(answer.rows().next(), Some(vec![Value::Long(10)]));
    assert!(
        matches!(answer.partial.as_slice(), [Partial::Damaged(file)] if file == "T/1.segment"),
        "{:?}",
        answer.partial
    );
    assert!(answer.to_json().contains("PartialError"));
    drop(store);
    // A segment without a footer is left out at the start.
    fs::write(&segment, &bytes[..bytes.len() / 2]).expect("writes");
    let store = open(folder.path());
    assert_eq!(count(&store), "10");
    assert!(store.problems()[0].contains("left out"), "{:?}", store.problems());
}

#[test]
fn a_crash_between_segment_and_log_doubles_no_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 10);
    let log = files(folder.path(), "log").pop().expect("a log");
    let kept = fs::read(&log).expect("a log");
    append(&store, 10, 65_546);
    drop(store);
    // The log of the full segment is still there, as after a crash.
    fs::write(&log, kept).expect("writes");
    assert_eq!(files(folder.path(), "segment").len(), 1);
    let store = open(folder.path());
    assert_eq!(count(&store), "65546");
    assert_eq!(files(folder.path(), "log").len(), 1);
}

/// Not a test of its own: the process that the next one kills. It appends rows to the folder that it reads, and prints how
/// many are acknowledged.
#[test]
#[ignore = "started by a_killed_process_loses_no_row_that_was_acknowledged"]
fn appends_until_it_is_killed() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).expect("standard input");
    if path.trim().is_empty() {
        return;
    }
    let store = open(Path::new(path.trim()));
    for at in 0.. {
        append(&store, at * 64, at * 64 + 64);
        println!("acknowledged {}", at * 64 + 64);
    }
}

#[test]
fn a_killed_process_loses_no_row_that_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut before: i64 = 0;
    // The second process begins with what the first one left, and fills segments.
    for wanted in [5_000, 80_000] {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "store::appends_until_it_is_killed", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        writeln!(child.stdin.take().expect("a pipe"), "{}", folder.path().display())
            .expect("writes");
        let mut acknowledged = 0;
        for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
            let line = line.expect("a line");
            let Some((_, number)) = line.split_once("acknowledged ") else { continue };
            acknowledged = number.parse().expect("a number");
            if acknowledged >= wanted {
                child.kill().expect("kills");
                break;
            }
        }
        child.wait().expect("ends");
        let rows: i64 = count(&open(folder.path())).parse().expect("a number");
        assert!(
            rows >= before + acknowledged,
            "{rows} rows, {acknowledged} acknowledged after {before}"
        );
        assert!(acknowledged >= wanted, "it ended before it was killed");
        assert_eq!(rows % 64, 0, "an append is there as a whole");
        before = rows;
    }
}

#[test]
fn long_strings_are_cut() {
    // Kusto, "The string data type": a value of more than 1 MB is truncated, and ingestion succeeds.
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let mut long = row(1);
    long[2] = Value::text("ä".repeat(600_000) + "end");
    store.append("T", now(), &[row(0), long]).expect("appends");
    assert_eq!(ask_at(&store, "T | project strlen(s)", now()).expect("an answer"), ["5", "524288"]);
}

#[test]
fn a_query_goes_on_when_retention_removes_what_it_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 65_536);
    append(&store, 65_536, 65_546);
    let segment = files(folder.path(), "segment").pop().expect("a segment");
    fs::remove_file(segment).expect("removes");
    let answer = query(&store, "T | summarize max(n)", &Options::at(now())).expect("an answer");
    assert_eq!(answer.rows().next(), Some(vec![Value::Long(65_545)]));
    assert!(answer.partial.is_empty(), "{:?}", answer.partial);
}

#[test]
fn rows_are_seen_from_the_time_on_at_which_they_become_visible() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let late = now() + 5 * 60 * ticks::SECOND;
    store.append("T", late, &[row(1)]).expect("appends");
    append(&store, 2, 3);
    assert_eq!(count(&store), "1");
    assert_eq!(ask_at(&store, "T | count", late - 1).expect("an answer"), ["1"]);
    assert_eq!(ask_at(&store, "T | count", late).expect("an answer"), ["2"]);
    let delay = "T | where n == 1 | project ingestion_time() - TimeGenerated";
    assert_eq!(ask_at(&store, delay, late).expect("an answer"), ["00:05:01"]);
}

#[test]
fn old_rows_are_removed_by_segments() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 65_536);
    append(&store, 65_536, 65_540);
    // The youngest row of the full segment is from now, those that grow are about 18 hours old.
    store.retain("T", now() - 3600 * ticks::SECOND).expect("removes");
    assert_eq!(count(&store), "65536");
    store.retain("T", now() + 1).expect("removes");
    assert_eq!(count(&store), "0");
    assert!(files(folder.path(), "segment").is_empty());
    append(&store, 0, 1);
    drop(store);
    assert_eq!(count(&open(folder.path())), "1");
}

#[test]
fn a_table_grows_new_columns_and_keeps_the_types_of_old_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 1);
    store
        .create("T", &Schema::of(&[("extra", Type::String), ("more", Type::Int)]).expect("valid"))
        .expect("grows");
    let mut wide = row(1);
    wide.extend([Value::text("x"), Value::Long(7)]);
    store.append("T", now(), &[wide]).expect("appends");
    let query = "T | project n, extra, more";
    assert_eq!(ask_at(&store, query, now()).expect("an answer"), ["0||null", "1|x|7"]);
    drop(store);
    let store = LogStore::open(folder.path()).expect("a store");
    assert_eq!(ask_at(&store, query, now()).expect("an answer"), ["0||null", "1|x|7"]);
    let error = store
        .create("T", &Schema::of(&[("n", Type::String)]).expect("valid"))
        .expect_err("another type");
    assert!(matches!(error, StoreError::Schema(SchemaError::Changed { .. })), "{error}");
}

#[test]
fn a_table_whose_columns_are_lost_keeps_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 65_536);
    append(&store, 65_536, 65_546);
    drop(store);
    fs::write(folder.path().join("T/schema.json"), "{").expect("writes");
    let store = LogStore::open(folder.path()).expect("a store");
    assert!(store.problems()[0].contains("no columns"), "{:?}", store.problems());
    assert!(store.tables().is_empty());
    drop(store);
    let store = open(folder.path());
    assert_eq!(count(&store), "65546");
    append(&store, 65_546, 65_550);
    assert_eq!(ask_at(&store, "T | summarize max(n)", now()).expect("an answer"), ["65549"]);
}

#[test]
fn wrong_names_and_rows_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    for name in ["", "../x", "a/b", "1a", ".", "a b", &"a".repeat(64)] {
        let error = store.create(name, &schema()).expect_err(name);
        assert!(matches!(error, StoreError::Schema(SchemaError::Name(_))), "{name}: {error}");
    }
    assert!(matches!(store.append("Missing", 0, &[]), Err(StoreError::NoTable(_))));
    let mut wrong = row(1);
    wrong[1] = Value::text("no number");
    assert!(matches!(
        store.append("T", 0, &[row(0), wrong]),
        Err(StoreError::Schema(SchemaError::Value { .. }))
    ));
    assert!(matches!(
        store.append("T", 0, &[vec![]]),
        Err(StoreError::Schema(SchemaError::Length { .. }))
    ));
    assert_eq!(count(&store), "0");
    let int = Schema::of(&[("i", Type::Int)]).expect("valid");
    assert!(int.row([("i", Value::Long(1 << 40))]).is_err());
    assert!(matches!(LogStore::open(folder.path()), Err(StoreError::InUse)));
}

#[test]
fn a_query_sees_the_rows_that_were_there_when_it_began() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    append(&store, 0, 100);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..50).for_each(|at| append(&store, 100 + at * 10, 110 + at * 10)));
        scope.spawn(|| {
            let mut last = 0;
            for _ in 0..50 {
                let rows: i64 = count(&store).parse().expect("a number");
                assert!(rows >= last && rows % 10 == 0, "{rows} after {last}");
                last = rows;
            }
        });
    });
    assert_eq!(count(&store), "600");
}
