//! What the workflow's next run would do, and the files to commit for it.

use crate::components::plan::PlanView;
use crate::features::document::{DocumentView, TakeAway};
use crate::features::releases::Findings;
use crate::paths;
use crate::ui::section::Section;
use domain::document::{Document, Form};
use domain::intent::{Intent, ReleaseRequest};
use domain::plan::Plan;
use domain::repository::FileProblem;
use domain::run_book::ShadowDraft;
use leptos::prelude::*;

/// What the workflow's next run would do.
#[component]
pub fn NextRun(
    draft: ShadowDraft,
    /// The problems that prevent a plan.
    problems: Vec<FileProblem>,
    plan: Option<Plan>,
    /// The files to commit, and the commands.
    documents: Vec<Document>,
) -> impl IntoView {
    if problems.is_empty() && plan.is_none() && documents.is_empty() {
        return None;
    }
    let of = Intent::Release { release: ReleaseRequest::Drafted(draft) };
    let of_plan = |document: &Document| document.form == Form::Commands;
    let (commands, kept): (Vec<_>, Vec<_>) = documents.into_iter().partition(of_plan);
    let shown = kept.into_iter().map(|document| {
        let href = paths::plan_document(&of, document.form);
        let href = match document.form {
            // Both forms are YAML files, so the deployment's needs its own address.
            Form::Deployment => href.replacen(".yml", "/deployment.yml", 1),
            _ => href,
        };
        view! { <DocumentView document href open=true /> }
    });
    let shown: Vec<_> = shown.collect();
    let hash = plan.as_ref().and_then(|plan| plan.hash.clone());
    let planned = plan.map(|plan| {
        view! {
            <div class="amounts"><PlanView plan /></div>
            <TakeAway of hash forms=vec![Form::Json, Form::Commands] documents=commands />
        }
    });
    Some(view! {
        <Section id="run" title="The workflow's next run" note="Commit these files to the repository. The console neither opens pull requests nor runs workflows.">
            <Findings problems linked=false />
            <div class="documents">{shown}</div>
            {planned}
        </Section>
    })
}
