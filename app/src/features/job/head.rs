//! The head of a job's page: its status, who started it, and what it builds.

use crate::components::job::{JobBadge, detail, took, usually};
use crate::port::JobView;
use crate::ui::message::first_line;
use crate::ui::outside_link::OutsideLink;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::job::build::{Build, Method};
use domain::job::view::{Job, Progress};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The heading, the status and the facts of a job.
#[component]
pub fn Head(view: JobView) -> impl IntoView {
    let JobView { now, job, usual_ms: usual, url, .. } = view;
    let build = job.build.clone();
    let words = place(&build);
    view! {
        <header class="head">
            <h1>{build.title()}</h1>
            <Standing job usual now />
            {url.map(|href| view! { <p><OutsideLink href words /></p> })}
            <CommitLine of=build now />
        </header>
    }
}

/// The job's status, for people who listen to the page.
#[must_use]
pub fn said(progress: &Progress) -> String {
    format!("{}: {}", progress.word(), detail(progress))
}

/// The words of the link to whatever carries out the build.
fn place(build: &Build) -> &'static str {
    match build.method {
        Method::Registry { .. } => "Open the run in Azure Container Registry",
        Method::Workflow { .. } => "Open the workflow run on GitHub",
    }
}

#[component]
fn Standing(job: Job, usual: Option<i64>, now: Timestamp) -> impl IntoView {
    let took = took(&job);
    // Its own section explains a failure.
    let sentence = (!matches!(job.progress, Progress::Failed { .. })).then(|| {
        let text = first_line(&detail(&job.progress)).to_owned();
        view! { " " <Written text /> }
    });
    view! {
        <p>
            <JobBadge progress=job.progress.clone() />
            {sentence}
        </p>
        <p><Written text=job.by /> " · " <Time at=job.started now /> {took} {usually(usual)}</p>
    }
}

/// The commit that is built: `main · 1f2e3d4 · Add the shadow · 3 d ago`.
#[component]
pub fn CommitLine(of: Build, now: Timestamp) -> impl IntoView {
    let short = of.short().to_owned();
    let Build { reference, commit, subject, committed, .. } = of;
    // A build of a commit has no branch to name.
    let reference = reference.filter(|reference| reference.to_string() != commit);
    view! {
        <ul class="line">
            {reference.map(|reference| view! { <li><b>{reference.to_string()}</b></li> })}
            <li><code title=commit>{short}</code></li>
            {(!subject.is_empty()).then(|| view! { <li><Written text=subject /></li> })}
            {committed.map(|at| view! { <li>"committed " <Time at now /></li> })}
        </ul>
    }
}
