//! One step: its progress and, for the current step, its form and links.

use super::decide::Decide;
use super::page::Sheet;
use crate::paths;
use crate::port::BuildRequest;
use crate::ui::badge::{Badge, Tone};
use domain::route_form::FieldProblem;
use domain::run_book::step::{Progress, Step, Which};
use leptos::either::Either;
use leptos::prelude::*;

/// A step's progress as a data attribute, a label and a tone.
fn words(progress: Progress) -> (&'static str, &'static str, Tone) {
    match progress {
        Progress::Done => ("done", "done", Tone::Good),
        Progress::Busy => ("busy", "in progress", Tone::Busy),
        Progress::Open => ("open", "next", Tone::Quiet),
        Progress::Stuck => ("stuck", "blocked", Tone::Bad),
        Progress::Early => ("early", "not yet", Tone::Quiet),
        Progress::Optional => ("optional", "if needed", Tone::Quiet),
        Progress::Elsewhere => ("elsewhere", "outside Understudy", Tone::Quiet),
    }
}

/// One step.
#[component]
pub fn StepItem(
    step: Step,
    /// Whether it is the current step.
    is_open: bool,
    sheet: Sheet,
    problems: Vec<FieldProblem>,
) -> impl IntoView {
    let Step { which, progress, says } = step;
    let (state, word, tone) = words(progress);
    let word = if progress == Progress::Open && !is_open { "open" } else { word };
    let title = which.title();
    let heading = if is_open || !has_form(which) {
        Either::Left(title)
    } else {
        let href = paths::run_book(&sheet.draft, Some(which));
        Either::Right(view! { <a href=href>{title}</a> })
    };
    let build = (progress == Progress::Optional).then(|| build(&sheet)).flatten();
    let build = build.map(|href| {
        view! { <p class="actions"><a class="button" href=href>"Build the image"</a></p> }
    });
    let decide = is_open.then(|| view! { <Decide which progress sheet problems /> });
    view! {
        <li data-progress=state aria-current=is_open.then_some("step")>
            <div class="step-head">
                <h3>{heading}</h3>
                <Badge tone word=word.to_owned() />
            </div>
            <p>{says}</p>
            {build}
            {decide}
        </li>
    }
}

/// The page of the build that the step offers.
fn build(sheet: &Sheet) -> Option<String> {
    let release = sheet.seen.basis.as_ref()?.build.clone()?;
    let reference = sheet.draft.reference.clone();
    Some(paths::build(&BuildRequest { reference, ..BuildRequest::of(release) }))
}

/// Steps without a form have nothing to unfold.
fn has_form(which: Which) -> bool {
    !matches!(which, Which::Image | Which::Dev | Which::CleanUp)
}
