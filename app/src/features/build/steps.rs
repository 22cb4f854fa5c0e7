//! What a build does, step by step.

use crate::ui::time::span;
use crate::ui::written::Written;
use domain::job::StepKind;
use domain::job::build::{Build, Method};
use leptos::prelude::*;

/// Milliseconds in a minute.
const MINUTE_MS: i64 = 60_000;

/// The steps of a build.
#[component]
pub fn Steps(of: Build) -> impl IntoView {
    let item = |kind: &StepKind| {
        let text = says(*kind, &of);
        view! { <li><b>{kind.label()}</b> " " <Written text /></li> }
    };
    let items = of.steps().iter().map(item).collect::<Vec<_>>();
    view! { <ol class="build-steps">{items}</ol> }
}

/// A step in a sentence.
fn says(kind: StepKind, build: &Build) -> String {
    let Build { stage, image, layer, dockerfile, .. } = build;
    let commit = build.short();
    match (kind, &build.method) {
        (StepKind::Check, _) => {
            format!("The console reads {dockerfile} at {commit} and checks that it has the layer {layer}.")
        }
        (StepKind::Upload, _) => {
            let what = match build.context.as_str() {
                "" => "the repository".to_owned(),
                folder => format!("the folder {folder}"),
            };
            format!("The console packs {what} at {commit}, without the files that .dockerignore lists, and uploads it to the registry.")
        }
        (StepKind::Schedule, _) => {
            let [fixed, moving] = build.pushed();
            format!("The registry queues a build of the layer {layer}. It will push {fixed} and {moving}, and a tag with the job's ID, by which the console finds the image again.")
        }
        (StepKind::Build, Method::Registry { timeout_minutes, .. }) => {
            let limit = span(i64::from(*timeout_minutes) * MINUTE_MS);
            format!("The registry builds the image, and the console copies its log. The registry stops the build after {limit}.")
        }
        (StepKind::Build, Method::Workflow { .. }) => {
            "The image is built, and the console copies the log.".to_owned()
        }
        (StepKind::Register, Method::Registry { untagged: true, .. }) => format!(
            "Azure ML registers a new version of {image} in {stage}. It names the image without a tag, so new instances pull whatever is the newest image."
        ),
        (StepKind::Register, _) => format!(
            "Azure ML registers a new version of {image} in {stage}. It names exactly this image, so a later build does not change what a deployment runs."
        ),
        (StepKind::Dispatch, Method::Workflow { file, rerun: Some(run), .. }) => {
            format!("GitHub runs the failed jobs of run {run} of {file} again.")
        }
        (StepKind::Dispatch, Method::Workflow { file, on, .. }) => {
            format!("GitHub starts {file} on {on}.")
        }
        (StepKind::Dispatch, Method::Registry { .. }) => "GitHub starts the workflow.".to_owned(),
        (StepKind::Workflow, _) => {
            "The console follows the run, and copies the log of each job when the job ends. Approvals that GitHub waits for appear on the build's page.".to_owned()
        }
        (StepKind::Deploy, _) => {
            format!("The console carries out the release at {commit}. On a protected stage it proposes the release as a change.")
        }
        (StepKind::Find, _) => {
            format!("The console finds the version of {image} that the workflow registered in {stage}.")
        }
    }
}
