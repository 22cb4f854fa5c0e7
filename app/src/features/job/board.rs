//! What the page of a job shows above the log.

use super::actions::Actions;
use super::approvals::Approvals;
use super::failure::Failure;
use super::head::Head;
use super::result::{LeftBehind, Outcome};
use super::step::Step;
use crate::port::JobView;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::written::Written;
use leptos::prelude::*;

/// The job without its log.
#[component]
pub fn JobBoard(view: JobView) -> impl IntoView {
    let (now, progress) = (view.now, view.job.progress.clone());
    let step = |step| view! { <Step step progress=progress.clone() now /> };
    let steps = view.steps.clone().into_iter().map(step).collect::<Vec<_>>();
    let warnings = view.warnings.clone();
    view! {
        <Head view=view.clone() />
        <Failure view=view.clone() />
        <Approvals approvals=view.approvals.clone() />
        {(!warnings.is_empty()).then(|| view! { <Warnings warnings /> })}
        <LeftBehind view=view.clone() />
        <Outcome view=view.clone() />
        <Section id="steps" title="Steps"><ol class="run-steps">{steps}</ol></Section>
        <Actions view />
    }
}

/// Sentences that the person should know.
#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    let item = |text: String| view! { <p><Written text /></p> };
    view! {
        <Notice tone=Tone::Warn title="Warnings">
            {warnings.into_iter().map(item).collect::<Vec<_>>()}
        </Notice>
    }
}
