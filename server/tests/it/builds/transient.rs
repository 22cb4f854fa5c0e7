//! GitHub or the registry are unavailable for a while, and answers are lost.

use super::{begun, ended, job, lines, registry_log, runs, versions, with_dana, with_image};
use crate::support::TestConsole;
use domain::job::{Ending, Event, JobId};
use serde_json::{Value, json};

async fn arm(console: &TestConsole, (method, path): (&str, &str), times: u32, respond: Value) {
    let matches = json!({ "method": method, "path_contains": path });
    console.fault(json!({ "match": matches, "times": times, "respond": respond })).await;
}

/// What became of the requests of a job, in order: sent, and how long to wait if it was refused, in milliseconds.
async fn requests(console: &TestConsole, id: &JobId) -> Vec<(u32, Option<i64>)> {
    let journal = console.services.jobs.table.journal(id).await.expect("a journal");
    let mut all: Vec<(u32, Option<i64>)> = Vec::new();
    for one in &journal {
        match &one.event {
            Event::StepSending { step } => all.push((*step, None)),
            Event::RetryScheduled { step, due, refused: true, .. } => {
                let last = all.last_mut().filter(|(sent, _)| sent == step);
                last.expect("it was sent").1 = Some(due.0 - one.at.0);
            }
            Event::RetryScheduled { .. } => panic!("nothing else fails: {journal:#?}"),
            // While it looks for an effect, a step that sends waits.
            Event::StepWaiting { step, .. } => {
                assert!(all.iter().all(|(sent, _)| sent != step), "{journal:#?}");
            }
            _ => {}
        }
    }
    all
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
async fn a_request_that_was_refused_is_sent_again_at_the_time_that_was_asked_for() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    let busy = |seconds: u32| json!({ "status": 429, "retry_after": seconds });
    arm(&console, ("POST", "/scheduleRun"), 1, busy(17)).await;
    arm(&console, ("POST", "/scheduleRun"), 1, busy(3)).await;
    arm(&console, ("PUT", "/environments/app/versions/"), 1, busy(11)).await;
    let taken = json!({ "status": 409 });
    arm(&console, ("PUT", "/environments/app/versions/"), 1, taken).await;
    let id = begun(&mut dana, &page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    once(&console, &id, "app").await;
    let [schedule, register] = [2, 4];
    let sent = requests(&console, &id).await;
    let [refused, refused_again, done, busy, taken, registered] = sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!((refused, refused_again), ((schedule, Some(17_000)), (schedule, Some(3_000))));
    assert_eq!((done, busy), ((schedule, None), (register, Some(11_000))));
    assert!(taken.0 == register && taken.1.is_some(), "{sent:?}");
    assert_eq!(registered, (register, None));
}

#[tokio::test]
async fn a_workflow_is_dispatched_again_after_githubs_secondary_rate_limit() {
    let console = super::started(super::workflow::by_workflow()).await;
    let mut dana = console.signed_in_as(crate::support::DANA).await;
    let said = json!({ "message": "You have exceeded a secondary rate limit." });
    for (status, after) in [(429, Some(45)), (403, None)] {
        let mut limit = json!({ "status": status, "body": said });
        if let Some(seconds) = after {
            limit["retry_after"] = json!(seconds);
        }
        arm(&console, ("POST", "/dispatches"), 1, limit).await;
    }
    let page = "/releases/ml-azua/build-by-hand.yml/build/build\
                ?in.ml_env_description=x&in.target_layer=litserve";
    let id = begun(&mut dana, page).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    assert_eq!(super::workflow::workflow_runs(&console).await.len(), 1);
    // GitHub asks for a minute's pause where it names no time.
    let dispatch = 1;
    let expected = [(dispatch, Some(45_000)), (dispatch, Some(60_000)), (dispatch, None)];
    assert_eq!(requests(&console, &id).await, expected);
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
async fn a_log_that_cannot_be_read_for_an_hour_is_whole_in_the_end() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    // More than the console copies in one turn.
    let chatter = json!({ "lines": 3_000, "line_bytes": 8_000 });
    console.ask(reqwest::Method::POST, "/emulator/builds/chatter", Some(chatter)).await;
    arm(&console, ("GET", "/blob/acrtasks/"), 1_000_000, json!({ "status": 503 })).await;
    let id = begun(&mut dana, &page).await;
    super::until(&console, "the build ends", async || {
        let all = runs(&console).await;
        all.iter().any(|run| run["properties"]["status"] == "Succeeded").then_some(())
    })
    .await;
    console.clock.advance(3_600_000);
    console.ask(reqwest::Method::DELETE, "/emulator/faults", None).await;
    assert_eq!(ended(&console, &id).await, Ending::Succeeded);
    once(&console, &id, "app").await;
    assert!(lines(&console, &id).await.len() > 3_000);
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
