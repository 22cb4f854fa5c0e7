//! Liveness and readiness, and recovery after the disk was full.

use crate::support::fleet::within;
use crate::support::small_disk::SmallDisk;
use crate::support::store::NOW;
use crate::support::{Browser, LEO, Postgres, TestConsole, Wanted};
use server::entries;
use server::store::ledger::Ledger;
use server::store::readiness::Readiness;
use server::store::trouble::Trouble;
use server::store::{Database, Tx};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

/// More attempts than the pool has connections.
const TRIES: usize = 6;
const STAGE: &str = "/stages/anet-dev";

/// Waits until readiness has this answer, like a supervisor.
async fn readiness_is(console: &TestConsole, status: u16, words: &str) {
    let mut anybody = console.browser();
    within(words, async || {
        let page = anybody.get("/healthz/ready").await;
        (page.status.as_u16() == status && page.text.contains(words)).then_some(())
    })
    .await;
    anybody.get("/healthz").await.expect(200);
}

fn large() -> ledger::entry::Draft {
    let mut draft = entries::sign_in_refused("nothing", "r", NOW);
    draft.reason = Some("x".repeat(100_000));
    draft
}

/// Runs a pragma on every connection in the pool.
async fn on_each_connection(database: &Database, pragma: &str) {
    let Database::Sqlite(pool, _) = database else { panic!("it is SQLite") };
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(pool.acquire().await.expect("a connection"));
    }
    for connection in &mut held {
        sqlx::query(pragma).fetch_all(&mut **connection).await.expect("it is set");
    }
    drop(held);
    // Connections return to the pool in tasks of their own.
    while pool.num_idle() < 4 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_connection_whose_transaction_failed_is_closed() {
    for pragma in ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"] {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::in_directory(folder.path()).await.expect("it opens");
        let ledger = Ledger::new(database.clone());
        ledger.record(large()).await.expect("there is room");
        on_each_connection(&database, pragma).await;
        let mut refused = 0;
        while let Err(error) = ledger.record(large()).await {
            assert_eq!(
                Trouble::behind(&error),
                Some(Trouble::TakesNoWrites),
                "{pragma}: {error:?}"
            );
            refused += 1;
            assert!(refused <= 4, "{pragma}: a connection came back: {error:?}");
        }
        assert!(refused > 0, "{pragma}");
        for _ in 0..TRIES {
            ledger.record(large()).await.expect("every connection is a new one");
        }
    }
}

#[tokio::test]
async fn a_dropped_transaction_blocks_nobody() {
    crate::support::store::on_both(async |database| {
        let ledger = Ledger::new(database.clone());
        for _ in 0..TRIES {
            let begun: Tx = database.begin().await.expect("it begins");
            drop(begun);
            let other = database.clone();
            let waiting = tokio::spawn(async move { other.begin().await.map(drop) });
            waiting.abort();
            let _ = waiting.await;
            ledger.record(large()).await.expect("nobody holds the lock");
            database.begin().await.expect("it begins").rollback().await.expect("it ends");
        }
        assert_eq!(ledger.size().await.expect("a size"), TRIES as u64);
    })
    .await;
}

#[tokio::test]
async fn many_readiness_requests_cause_one_write() {
    crate::support::store::on_both(async |database| {
        let readiness = Arc::new(Readiness::new(database.clone()));
        let asked = (0..200).map(|_| {
            let readiness = Arc::clone(&readiness);
            tokio::spawn(async move { readiness.ask().await })
        });
        for answer in futures::future::join_all(asked).await {
            assert_eq!(answer.expect("it answers"), Ok(()));
        }
        let sql = "SELECT tries FROM readiness";
        let tries: i64 = match &database {
            Database::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Database::Postgres(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .expect("a number");
        assert_eq!(tries, 1);
    })
    .await;
}

/// Freezes and unfreezes by turns, until the console rejects.
async fn until_refused(leo: &mut Browser, is_frozen: &mut bool) {
    for _ in 0..1_000 {
        let what = if *is_frozen { "thaw" } else { "freeze" };
        let page = leo.post(&format!("{STAGE}/{what}"), &[("reason", &"x".repeat(300))]).await;
        if page.status.as_u16() != 303 {
            page.expect(503).says("The console's database does not accept writes");
            return;
        }
        *is_frozen = !*is_frozen;
    }
    panic!("the disk never fills up");
}

#[tokio::test]
async fn the_console_recovers_from_a_full_disk_without_a_restart() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let wanted = Wanted { database_in: Some(disk.path().to_owned()), ..Wanted::default() };
    let console = TestConsole::with(wanted).await;
    let mut leo = console.signed_in_as(LEO).await;
    let mut is_frozen = false;
    readiness_is(&console, 200, "ready").await;
    for _ in 0..2 {
        disk.fill();
        for _ in 0..TRIES {
            until_refused(&mut leo, &mut is_frozen).await;
        }
        leo.get(STAGE).await.expect(200);
        readiness_is(&console, 503, "not ready: the database does not accept writes").await;
        disk.free();
        for _ in 0..TRIES {
            let what = if is_frozen { "thaw" } else { "freeze" };
            leo.post(&format!("{STAGE}/{what}"), &[("reason", "There is room")]).await.expect(303);
            is_frozen = !is_frozen;
        }
        readiness_is(&console, 200, "ready").await;
    }
    leo.post("/history", &[]).await.expect(200).says("Intact");
}

#[tokio::test]
async fn a_console_without_a_writable_database_is_alive_but_not_ready() {
    let mut server = Postgres::start().await;
    let console = TestConsole::start_on(&server.url()).await;
    readiness_is(&console, 200, "ready").await;
    server.stop();
    readiness_is(&console, 503, "not ready: the database does not respond").await;
    server.start_again().await;
    readiness_is(&console, 200, "ready").await;
    let beside = Database::at_server(&server.url()).await.expect("it opens");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
    let read_only = "ALTER DATABASE postgres SET default_transaction_read_only = on";
    for sql in [read_only, others] {
        crate::support::store::tried(&beside, sql).await.expect("it is done");
    }
    readiness_is(&console, 503, "not ready: the database does not accept writes").await;
    beside.close().await;
}

/// Damages all pages of the database except the first.
async fn damage(file: &Path) {
    let folder = file.parent().expect("a folder");
    let database = Database::in_directory(folder).await.expect("it opens");
    // The write-ahead log has the newest pages, and would hide the damage.
    crate::support::store::tried(&database, "PRAGMA wal_checkpoint(TRUNCATE)").await.expect("done");
    database.close().await;
    let opened = std::fs::File::options().write(true).open(file).expect("it is there");
    let pages = opened.metadata().expect("a size").len() / 4096;
    for page in 2..pages {
        opened.write_all_at(&[0xA5; 64], page * 4096).expect("written");
    }
}

#[tokio::test]
async fn a_damaged_database_prevents_the_start() {
    let console = TestConsole::start().await;
    let stopped = console.stop().await;
    let file = stopped.files.path().join("data/understudy.db");
    damage(&file).await;
    let found = server::check::data(file.parent().expect("a folder")).await;
    let wrong = found.outcome.expect_err("it is damaged");
    assert!(wrong.contains("is damaged and cannot be used"), "{wrong}");
    let error = stopped.refused_restart().await;
    assert!(error.contains("is damaged and cannot be used"), "{error}");
    assert!(error.contains("put a backup in its place"), "{error}");
}

#[tokio::test]
async fn a_database_of_an_earlier_version_is_migrated() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = Database::in_directory(folder.path()).await.expect("it opens");
    let Database::Sqlite(pool, _) = &database else { panic!("it is SQLite") };
    for sql in ["DROP TABLE readiness", "DELETE FROM _sqlx_migrations WHERE version = 11"] {
        sqlx::query(sql).execute(pool).await.expect("it is as before");
    }
    database.close().await;
    let database = Database::in_directory(folder.path()).await.expect("it opens");
    assert_eq!(Arc::new(Readiness::new(database)).ask().await, Ok(()));
}
