//! GitHub or the registry are unavailable for a while, and answers are lost.

use super::{begun, ended, job, lines, registry_log, runs, versions, with_dana, with_image};
use crate::support::TestConsole;
use domain::job::{Ending, Event, JobId};
use serde_json::{Value, json};

async fn arm(console: &TestConsole, (method, path): (&str, &str), times: u32, respond: Value) {
    let matches = json!({ "method": method, "path_contains": path });
    console.fault(json!({ "match": matches, "times": times, "respond": respond })).await;
}

/// One run, one version, and the whole log.
async fn once(console: &TestConsole, id: &JobId, image: &str) {
    let state = job(console, id).await.state;
    let all = runs(console).await;
    assert_eq!(all.len(), 1, "{all:#?} {state:#?}");
    assert_eq!(versions(console, image).await.len(), 1, "{state:#?}");
    let run = all[0]["name"].as_str().expect("an id");
    assert_eq!(lines(console, id).await, registry_log(console, run).await);
}

#[tokio::test]
async fn a_lost_answer_schedules_one_run_and_registers_one_version() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    arm(&console, ("POST", "/scheduleRun"), 1, json!("lost")).await;
    arm(&console, ("PUT", "/environments/app/versions/"), 1, json!("lost")).await;
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    once(&console, &id, "app").await;
    let journal = console.services.jobs.table.journal(&id).await.expect("a journal");
    let retries = journal.iter().filter(|one| matches!(one.event, Event::RetryScheduled { .. }));
    assert_eq!(retries.count(), 2, "{journal:#?}");
    let sent = journal.iter().filter(|one| matches!(one.event, Event::StepSending { .. }));
    assert_eq!(sent.count(), 2, "each request was sent once: {journal:#?}");
}

#[tokio::test]
async fn a_request_that_never_arrived_is_sent_again_after_it_was_looked_for() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    arm(&console, ("POST", "/scheduleRun"), 1, json!("drop")).await;
    arm(&console, ("PUT", "/environments/app/versions/"), 1, json!("drop")).await;
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    once(&console, &id, "app").await;
    let journal = console.services.jobs.table.journal(&id).await.expect("a journal");
    let sent = journal.iter().filter(|one| matches!(one.event, Event::StepSending { .. }));
    assert_eq!(sent.count(), 4, "{journal:#?}");
}

#[tokio::test]
async fn a_job_continues_after_github_and_the_registry_were_unavailable() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    let (down, busy) = (json!({ "status": 503 }), json!({ "status": 429, "retry_after": 17 }));
    for (what, times, respond) in [
        (("GET", "/tarball"), 2, &down),
        (("GET", "/tarball"), 1, &busy),
        (("POST", "/listBuildSourceUploadUrl"), 1, &down),
        (("POST", "/listBuildSourceUploadUrl"), 1, &busy),
        (("POST", "/scheduleRun"), 1, &busy),
        (("POST", "/listLogSasUrl"), 1, &busy),
        (("GET", "/registries/cranet0001/runs/"), 3, &down),
        (("PUT", "/environments/app/versions/"), 1, &down),
    ] {
        arm(&console, what, times, respond.clone()).await;
    }
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    once(&console, &id, "app").await;
    let journal = console.services.jobs.table.journal(&id).await.expect("a journal");
    let mut waited = Vec::new();
    for one in &journal {
        if let Event::RetryScheduled { due, .. } = &one.event {
            waited.push(due.0 - one.at.0);
        }
    }
    assert!(waited.len() >= 9, "{journal:#?}");
    assert!(waited.iter().all(|waited| *waited > 0), "{waited:?}");
    let asked = waited.iter().filter(|waited| **waited == 17_000).count();
    assert!(asked >= 3, "a pause that somebody asks for is kept: {waited:?}");
}

#[tokio::test]
async fn the_page_says_why_a_job_waits() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    arm(&console, ("POST", "/listBuildSourceUploadUrl"), 1_000_000, json!({ "status": 503 })).await;
    let id = begun(&mut dana, &page).await;
    super::until(&console, "it tries again", async || {
        let state = job(&console, &id).await.state;
        state.steps.iter().any(|step| step.tries > 1).then_some(())
    })
    .await;
    dana.get(&format!("/jobs/{id}")).await.expect(200).says("The console tries again.");
    dana.post(&format!("/jobs/{id}/cancel"), &[]).await.expect(303);
    assert!(matches!(ended(&console, &id).await, Ending::Cancelled { .. }));
    assert!(runs(&console).await.is_empty());
}
