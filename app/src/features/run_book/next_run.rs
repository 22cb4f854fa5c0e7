//! What the workflow's next run would do, and what to put into the repository for it.

use crate::domain::document::{Document, Form};
use crate::domain::plan::Plan;
use crate::domain::plan::asked::PlanOf;
use crate::domain::repository::FileProblem;
use crate::domain::run_book::Draft;
use crate::features::document::{DocumentView, TakeAway};
use crate::features::plan::PlanView;
use crate::features::releases::Findings;
use crate::paths;
use crate::ui::section::Section;
use leptos::prelude::*;

/// What the workflow's next run would do.
#[component]
pub fn NextRun(
    /// What is decided.
    draft: Draft,
    /// What keeps it from being planned.
    problems: Vec<FileProblem>,
    /// What it would do.
    plan: Option<Plan>,
    /// What to put into the repository, and the commands.
    documents: Vec<Document>,
) -> impl IntoView {
    if problems.is_empty() && plan.is_none() && documents.is_empty() {
        return None;
    }
    let of = PlanOf::RunBook(draft);
    let of_plan = |document: &Document| document.form == Form::Commands;
    let (commands, kept): (Vec<_>, Vec<_>) = documents.into_iter().partition(of_plan);
    let shown = kept.into_iter().map(|document| {
        let href = paths::plan_document(&of, document.form);
        let href = match document.form {
            // Both are YAML; their addresses differ.
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
        <Section id="run" title="The workflow's next run" note="Put this into the repository. The console runs no workflows and opens no pull requests yet.">
            <Findings problems linked=false />
            <div class="documents">{shown}</div>
            {planned}
        </Section>
    })
}
