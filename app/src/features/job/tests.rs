//! What the page of a job shows while it runs, and after it has ended.

use super::board::{JobBoard, JobBoardProps};
use super::part;
use crate::features::samples::{NOW, ago, html, job, registry, release, used, workflow};
use crate::port::{Cause, JobView, Onward};
use domain::job::Approval;
use domain::job::state::{StepState, StepStatus};
use domain::job::view::{LogSize, Progress};
use domain::job::{Fact, Output, StepKind};

fn step(kind: StepKind, status: StepStatus) -> StepState {
    let is_begun = status != StepStatus::Pending;
    let ended = matches!(status, StepStatus::Succeeded | StepStatus::Failed).then(|| ago(90));
    StepState {
        kind,
        status,
        started: is_begun.then(|| ago(210)),
        ended,
        sent: is_begun,
        sent_before: false,
        tries: 0,
        note: is_begun.then(|| format!("Note of {kind:?}.")),
        approvals: Vec::new(),
        output: None,
    }
}

fn view(method: domain::job::build::Method, progress: Progress) -> JobView {
    JobView {
        now: NOW,
        job: job(method, progress),
        steps: vec![
            step(StepKind::Check, StepStatus::Succeeded),
            step(StepKind::Build, StepStatus::Running),
            step(StepKind::Register, StepStatus::Pending),
        ],
        log: LogSize::default(),
        log_removed: None,
        sections: Vec::new(),
        cause: None,
        warnings: Vec::new(),
        approvals: Vec::new(),
        version: None,
        digest: None,
        url: None,
        usual_ms: Some(180_000),
        uses: Vec::new(),
        onward: Onward::default(),
        deployment: None,
        change: None,
        may_not_cancel: None,
        may_not_repeat: None,
    }
}

fn page(view: JobView) -> String {
    html(|| JobBoard(JobBoardProps { view }))
}

const RUNNING: Progress = Progress::Running { step: StepKind::Build, trouble: None };

#[test]
fn a_cancelled_job_says_what_stays_in_the_registry_and_no_step_failed() {
    let cancelled = || Progress::Cancelled { by: "Leo".to_owned() };
    let mut stopped = view(registry(), cancelled());
    stopped.steps[1].status = StepStatus::Failed;
    let shown = page(stopped.clone());
    assert!(shown.contains("Stopped") && !shown.contains("Failed"), "{shown}");
    assert!(!shown.contains("stays in the registry"), "{shown}");
    let reference = format!("anet.azurecr.io/ml-azua-litserve-env@sha256:{}", "a".repeat(64));
    let fact = Fact::Image { reference: reference.clone(), digest: String::new() };
    let output = Output { facts: vec![fact], ..Output::default() };
    stopped.steps[1] =
        StepState { output: Some(output), ..step(StepKind::Build, StepStatus::Succeeded) };
    let shown = page(stopped.clone());
    for text in ["The image stays in the registry", &reference, "ml-azua-litserve-env:latest"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let registered = JobView { version: Some("3".to_owned()), ..stopped };
    assert!(!page(registered).contains("stays in the registry"));
}

#[test]
fn a_running_job_shows_its_steps_and_can_be_cancelled() {
    let shown = page(view(registry(), RUNNING));
    for text in [
        "Build ml-azua-litserve-env from 1f2e3d4",
        "Running",
        "Current step: Build the image.",
        "Note of Build.",
        ", usually 3 min",
        ", took 2 min",
        "Dana Scott",
        "action=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab/cancel\"",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(!shown.contains("Build again"), "{shown}");
    assert!(!shown.contains("disabled"), "{shown}");
}

#[test]
fn a_disabled_button_says_why() {
    let asked = page(view(registry(), Progress::Cancelling { by: "Leo".to_owned() }));
    assert!(asked.contains("disabled"), "{asked}");
    assert!(asked.contains("Leo has already cancelled this job."), "{asked}");
    let may_not = Some("Only these roles may build.".to_owned());
    let running = JobView { may_not_cancel: may_not.clone(), ..view(registry(), RUNNING) };
    let ended = JobView { may_not_repeat: may_not, ..view(registry(), Progress::Succeeded) };
    for view in [running, ended] {
        let shown = page(view);
        assert!(shown.contains("disabled"), "{shown}");
        assert!(shown.contains("Only these roles may build."), "{shown}");
    }
}

#[test]
fn a_failed_job_says_why_with_the_line_of_the_log() {
    let failed = Progress::Failed { message: "The registry’s build failed.".to_owned() };
    let cause = Cause {
        what: "The base image was not found.".to_owned(),
        remedy: "Correct the FROM line.".to_owned(),
        line: 1_234,
        quote: "manifest unknown <x>".to_owned(),
    };
    let shown = page(JobView { cause: Some(cause), ..view(workflow(), failed) });
    for text in [
        "Why it failed",
        "The base image was not found.",
        "Correct the FROM line.",
        "href=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab?from=1001#L1234\"",
        "manifest unknown &lt;x&gt;",
        "Re-run failed jobs",
        "Build again",
        "Not run",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    let registry = page(view(registry(), Progress::Cancelled { by: "Leo".to_owned() }));
    assert!(!registry.contains("Re-run failed jobs"), "{registry}");
    assert!(registry.contains("Leo cancelled it."), "{registry}");
}

#[test]
fn pending_approvals_name_the_reviewers_and_link_to_github() {
    let approval = |url: &str| Approval {
        environment: "anet-prod".to_owned(),
        reviewers: vec!["leo".to_owned(), "anet/leads".to_owned()],
        url: url.to_owned(),
    };
    let approvals =
        vec![approval("https://github.com/anet/ml-azua/actions/runs/7"), approval("javascript:x")];
    let url = Some("javascript:y".to_owned());
    let shown = page(JobView { approvals, url, ..view(workflow(), RUNNING) });
    assert!(shown.contains("href=\"https://github.com/anet/ml-azua/actions/runs/7\""), "{shown}");
    assert!(shown.contains("leo, anet/leads"), "{shown}");
    assert!(!shown.contains("href=\"javascript"), "{shown}");
}

#[test]
fn a_result_names_the_digest_and_leads_to_a_deployment() {
    let digest = "sha256:0123";
    let image = format!("anetdev.azurecr.io/ml-azua-litserve-env@{digest}");
    let mut done = step(StepKind::Register, StepStatus::Succeeded);
    let facts = vec![Fact::Version { version: "3".to_owned(), image: image.clone() }];
    done.output = Some(Output { facts, ..Output::default() });
    let view = JobView {
        steps: vec![done],
        version: Some("3".to_owned()),
        digest: Some(digest.to_owned()),
        uses: vec![used(0, 20)],
        ..view(registry(), Progress::Succeeded)
    };
    let endpoints = vec![used(0, 0).at];
    let onward = Onward { release: None, endpoints };
    let shown = page(JobView { onward, ..view.clone() });
    for text in [
        "ml-azua-litserve-env:3",
        "href=\"/stages/anet-dev/images/ml-azua-litserve-env\"",
        image.as_str(),
        "20% mirrored",
        "new-deployment?environment=ml-azua-litserve-env%3A3",
        "Deploy this image",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    // Without an endpoint to choose, the run book asks for one.
    let onward = Onward { release: Some(release()), endpoints: Vec::new() };
    let shown = page(JobView { onward, ..view });
    assert!(shown.contains("/releases/new-shadow?environment=ml-azua-litserve-env%3A3"), "{shown}");
    assert!(shown.contains("href=\"/releases/ml-azua/deploy.yml/build-dev/plan"), "{shown}");
}

#[test]
fn the_stream_sends_what_the_page_shows() {
    let running = view(registry(), RUNNING);
    let sent = part(running.clone());
    assert_eq!(sent.html.replace("<!>", ""), page(running));
    assert_eq!(sent.said, "Running: Current step: Build the image.");
}
