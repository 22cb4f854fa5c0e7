//! The logs of jobs that ended long ago.

use super::{begun, ended, lines, started, view, window, with_image};
use crate::support::{DANA, Postgres, TestConsole, Wanted};
use domain::job::{Ending, JobId};
use serde_json::json;
use server::jobs::keeping::remove_old_logs;

const DAY_MS: i64 = 24 * 3_600_000;

async fn failed(console: &TestConsole, image: &str) -> JobId {
    let mut dana = console.signed_in_as(DANA).await;
    let page = with_image(console, image).await;
    let id = begun(&mut dana, &page).await;
    assert!(matches!(ended(console, &id).await, Ending::Failed { .. }));
    id
}

/// Only the log of the older job is removed.
async fn removes(wanted: Wanted) {
    let console = started(wanted).await;
    let jobs = &console.services.jobs;
    assert_eq!(jobs.log_days, 90);
    let old = failed(&console, "fail-base-app").await;
    let (whole, journal) = (lines(&console, &old).await, jobs.table.journal(&old).await);
    console.clock.advance(2 * DAY_MS);
    let newer = failed(&console, "fail-space-app").await;
    console.clock.advance(87 * DAY_MS);
    remove_old_logs(jobs).await;
    assert!(!whole.is_empty());
    assert_eq!(lines(&console, &old).await, whole, "a log is kept for 90 days");
    console.clock.advance(2 * DAY_MS);
    remove_old_logs(jobs).await;
    let removed = console.clock.now().utc();
    assert_eq!(lines(&console, &old).await, Vec::<String>::new());
    assert!(!lines(&console, &newer).await.is_empty());
    console.clock.advance(60_000);
    remove_old_logs(jobs).await;

    // The sessions are over, too.
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&format!("/jobs/{old}")).await.expect(200);
    page.says(&format!("The log had {} lines. The console removed it on {removed}.", whole.len()));
    page.says("job_log_days");
    page.says("Why it failed");
    let quote = view(&mut dana, &old).await["cause"]["quote"].clone();
    page.says(quote.as_str().expect("the line that says why"));
    assert!(!page.text.contains("#L"), "no link leads to a line that is gone");
    let journal_now = jobs.table.journal(&old).await.expect("a journal");
    assert_eq!(journal_now, journal.expect("a journal"));
    let read = window(&mut dana, &old, 1, 10).await;
    let nothing =
        json!({ "first": 1, "lines": [], "size": { "lines": 0, "bytes": 0 }, "ended": true });
    assert_eq!(read, nothing);
    dana.get(&format!("/jobs/{old}/log")).await.expect(410);
    let page = dana.get(&format!("/jobs/{newer}")).await.expect(200);
    assert!(page.text.contains("#L"), "{}", page.text);
}

#[tokio::test]
async fn an_old_log_is_removed_and_the_result_of_its_job_stays() {
    removes(Wanted::default()).await;
}

#[tokio::test]
async fn an_old_log_is_removed_from_postgresql() {
    let server = Postgres::start().await;
    removes(Wanted { database: Some(server.url()), ..Wanted::default() }).await;
}
