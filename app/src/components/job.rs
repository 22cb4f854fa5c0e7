//! A job in a list, and its status in words.

use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::first_line;
use crate::ui::notice::Notice;
use crate::ui::time::{Time, lasted, span};
use crate::ui::written::Written;
use domain::job::view::{Job, Progress};
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// The tone of a job's badge.
#[must_use]
pub fn tone(progress: &Progress) -> Tone {
    match progress {
        Progress::Waiting | Progress::Running { trouble: None, .. } => Tone::Busy,
        Progress::Running { trouble: Some(_), .. }
        | Progress::Cancelling { .. }
        | Progress::Cancelled { .. } => Tone::Warn,
        Progress::Succeeded => Tone::Good,
        Progress::Failed { .. } => Tone::Bad,
    }
}

/// A job's status in a sentence.
#[must_use]
pub fn detail(progress: &Progress) -> String {
    match progress {
        Progress::Waiting => "The console starts it next.".to_owned(),
        Progress::Running { step, trouble: None } => format!("Current step: {}.", step.label()),
        Progress::Running { trouble: Some(trouble), .. } => trouble.clone(),
        Progress::Cancelling { by } => {
            format!("{by} cancelled it. The console is stopping the build.")
        }
        Progress::Succeeded => "The environment version is registered.".to_owned(),
        Progress::Failed { message } => message.clone(),
        Progress::Cancelled { by } => format!("{by} cancelled it."),
    }
}

/// `, usually 3 min`; `usual_ms` is in milliseconds.
#[must_use]
pub fn usually(usual_ms: Option<i64>) -> Option<String> {
    usual_ms.map(|ms| format!(", usually {}", span(ms)))
}

/// `, took 4 min`
#[must_use]
pub fn took(job: &Job) -> Option<String> {
    job.ended.map(|ended| format!(", took {}", lasted(job.started, ended)))
}

/// A job's badge.
#[component]
pub fn JobBadge(progress: Progress) -> impl IntoView {
    view! { <Badge tone=tone(&progress) word=progress.word().to_owned() /> }
}

/// A job in a list.
#[component]
pub fn JobItem(job: Job, now: Timestamp) -> impl IntoView {
    let took = took(&job);
    let target = job.build.target();
    let open = job.progress.is_open().then_some("true");
    view! {
        <li class="operation" data-open=open>
            <JobBadge progress=job.progress.clone() />
            <div>
                <p class="title"><a href=paths::job(&job.id)>{job.build.title()}</a></p>
                <p class="detail"><Written text=first_line(&detail(&job.progress)).to_owned() /></p>
            </div>
            <p class="by">
                <a href=paths::target(&target)>{target.to_string()}</a> " · "
                <Written text=job.by /> " · " <Time at=job.started now /> {took}
            </p>
        </li>
    }
}

/// The job in progress for an image, with a link to it.
#[component]
pub fn OpenJob(job: Job) -> impl IntoView {
    view! {
        <Notice tone=Tone::Busy title="A build of this image is in progress">
            <p>
                <a href=paths::job(&job.id)>{job.build.title()}</a> ", started by " <Written text=job.by />
                ". Another build of this image can start when this one has ended."
            </p>
        </Notice>
    }
}
