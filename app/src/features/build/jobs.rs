//! The jobs that GitHub would run, so that nobody is surprised by a deployment.

use crate::port::WorkflowJob;
use crate::ui::badge::{Badge, Tone};
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::written::Written;
use leptos::prelude::*;

/// All jobs of the workflow; nothing for a build without one.
#[component]
pub fn Jobs(jobs: Vec<WorkflowJob>) -> impl IntoView {
    if jobs.is_empty() {
        return None;
    }
    let others: Vec<_> = jobs.iter().filter(|job| !job.builds).map(|job| job.id.clone()).collect();
    let notice = (!others.is_empty()).then(|| view! { <Others others /> });
    let item = |job| view! { <Item job /> };
    let note = "In the order of the file. A job with a condition runs only if the condition holds.";
    Some(view! {
        <Section id="jobs" title="Jobs that GitHub runs" note=note>
            {notice}
            <ul class="workflow-jobs">{jobs.into_iter().map(item).collect::<Vec<_>>()}</ul>
        </Section>
    })
}

/// The jobs that run although they do not build the image.
#[component]
fn Others(others: Vec<String>) -> impl IntoView {
    let title = match others.len() {
        1 => "GitHub also runs a job that does not build the image".to_owned(),
        count => format!("GitHub also runs {count} jobs that do not build the image"),
    };
    view! {
        <Notice tone=Tone::Warn title>
            <p><Written text=others.join(", ") /> ". GitHub runs the whole workflow, so a job that deploys would deploy too."</p>
        </Notice>
    }
}

#[component]
fn Item(job: WorkflowJob) -> impl IntoView {
    let WorkflowJob { id, calls, needs, environment, condition, builds } = job;
    let (tone, word) = match builds {
        true => (Tone::Good, "builds the image"),
        false => (Tone::Warn, "runs too"),
    };
    let needs = (!needs.is_empty()).then(|| {
        view! { <p class="detail">"Runs after " <Written text=needs.join(", ") /> "."</p> }
    });
    let calls = calls.map(|calls| {
        view! { <p class="detail">"Calls " <code><Written text=calls /></code></p> }
    });
    let environment = environment.map(|environment| {
        view! {
            <p class="detail">"Uses the GitHub environment " <b><Written text=environment /></b> ", which may require approvals."</p>
        }
    });
    let condition = condition.map(|condition| {
        view! { <p class="detail">"Runs only if " <code><Written text=condition /></code></p> }
    });
    view! {
        <li>
            <Badge tone word=word.to_owned() />
            <div>
                <p class="title"><code><Written text=id /></code></p>
                {calls} {needs} {environment} {condition}
            </div>
        </li>
    }
}
