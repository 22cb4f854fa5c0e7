//! The form that starts the build of the commit on the page.

use crate::paths;
use crate::port::BuildRequest;
use crate::ui::words::WordsField;
use domain::change::proposal::{REASON, WORDS_MAX};
use domain::job::build::{Build, Method};
use domain::job::form::{COMMIT, DEPLOY};
use domain::release::answers;
use leptos::prelude::*;

/// The form that starts the build.
#[component]
pub fn Start(
    request: BuildRequest,
    /// `None` if there are problems.
    of: Option<Build>,
    may_not_build: Option<String>,
    /// Whether a build of this image is in progress.
    is_open: bool,
    /// Whether a change is proposed after the build.
    proposes: bool,
) -> impl IntoView {
    let has_problems = of.is_none();
    let reason = may_not_build
        .or_else(|| has_problems.then(|| "Fix the problems first.".to_owned()))
        .or_else(|| {
            let words =
                "A build of this image is in progress. Wait for its end, or open it and cancel it.";
            is_open.then(|| words.to_owned())
        });
    let help = of.as_ref().map(|build| match &build.method {
        Method::Registry { .. } => {
            format!("Builds commit {}. If the branch moves first, nothing starts.", build.short())
        }
        Method::Workflow { on, .. } => format!("GitHub runs the whole workflow on {on}."),
    });
    let BuildRequest { release, reference, answers, deploy } = request;
    let answer = |(key, text): (String, String)| {
        view! { <input type="hidden" name=format!("{}{key}", answers::PREFIX) value=text /> }
    };
    let is_off = reason.is_some();
    view! {
        <form method="post" action=paths::build_release(&release) class="actions">
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {answers.into_iter().map(answer).collect::<Vec<_>>()}
            {deploy.then(|| view! { <input type="hidden" name=DEPLOY value="true" /> })}
            {of.map(|build| view! { <input type="hidden" name=COMMIT value=build.commit /> })}
            {proposes.then(|| view! { <Reason /> })}
            <button type="submit" class="button" data-variant="lead" disabled=is_off aria-describedby="build-about">
                {if deploy { "Build, then deploy" } else { "Build" }}
            </button>
            <p id="build-about" class="reason">{reason.or(help)}</p>
        </form>
    }
}

/// The reason for the change that is proposed after the build.
#[component]
fn Reason() -> impl IntoView {
    view! {
        <p class="field">
            <label for=REASON>"Reason for the change"</label>
            <WordsField name=REASON max=WORDS_MAX value=String::new() required=false about="why-about" />
            <small id="why-about">
                "Optional. The stage is protected, so the release is proposed as a change after the build. Approvers see \
                 this reason."
            </small>
        </p>
    }
}
