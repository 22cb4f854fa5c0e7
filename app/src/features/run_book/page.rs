//! The run book's page: all steps with the current one unfolded, and what the workflow's next run would do.

use super::api::read_run_book;
use super::next_run::NextRun;
use super::step::StepItem;
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::paths;
use crate::port::RunBookView;
use crate::ui::section::Section;
use domain::route_form::FieldProblem;
use domain::run_book::form::{Field, parse};
use domain::run_book::step::{Progress, Step, Which};
use domain::run_book::steps::{next, steps};
use domain::run_book::{Seen, ShadowDraft};
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// The data behind the steps' forms.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub draft: ShadowDraft,
    /// The URL's fields, valid or not.
    pub texts: Vec<(Field, String)>,
    pub endpoints: Vec<EndpointKey>,
    pub seen: Seen,
}

impl Sheet {
    /// A field's text; empty if the URL does not have the field.
    #[must_use]
    pub fn text(&self, field: Field) -> String {
        let found = self.texts.iter().find(|(known, _)| *known == field);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

/// The run book.
#[component]
pub fn RunBookPage() -> impl IntoView {
    let query = address::query();
    let chosen = address::query_field("step").and_then(|slug| Which::of_slug(&slug));
    let (draft, problems) = parse(&query);
    let texts = Field::ALL.into_iter().map(|field| {
        let given = query.iter().rfind(|(key, _)| key == field.key());
        (field, given.map(|(_, text)| text.clone()).unwrap_or_default())
    });
    let texts: Vec<_> = texts.collect();
    let load = async move {
        let view = read_run_book(draft.clone()).await?;
        Ok((draft, view))
    };
    loaded(load, move |(draft, view)| view! { <Page draft texts problems chosen view /> })
}

/// The step whose form has a field.
fn asked_in(field: &str) -> Which {
    match field {
        "at" => Which::Endpoint,
        "traffic" => Which::Promote,
        _ => Which::Create,
    }
}

#[component]
fn Page(
    draft: ShadowDraft,
    texts: Vec<(Field, String)>,
    problems: Vec<FieldProblem>,
    chosen: Option<Which>,
    view: RunBookView,
) -> impl IntoView {
    let RunBookView { endpoints, seen, problems: found, plan, documents } = view;
    let steps = steps(&draft, &seen);
    let wrong = problems.first().map(|problem| asked_in(&problem.field));
    // An entered live share means that the comparison is done.
    let promotes = |step: &&Step| step.which == Which::Promote && step.progress == Progress::Open;
    let decided = steps.iter().find(|step| draft.traffic.is_some() && promotes(step));
    let decided = decided.map(|step| step.which);
    let at_hand = chosen.or(wrong).or(decided).or_else(|| next(&steps));
    let count = steps.iter().filter(|step| step.progress == Progress::Done).count();
    let total = steps.len();
    let about = match (&draft.name, &draft.at) {
        (Some(name), Some(at)) => format!("{name} on {}", at.endpoint),
        (None, Some(at)) => format!("A shadow on {}", at.endpoint),
        _ => "A shadow".to_owned(),
    };
    let sheet = Sheet { draft: draft.clone(), texts, endpoints, seen };
    let item = |step: Step| {
        let is_open = at_hand == Some(step.which);
        view! { <StepItem step is_open sheet=sheet.clone() problems=problems.clone() /> }
    };
    let items = steps.into_iter().map(item).collect::<Vec<_>>();
    let trail = vec![("Releases".to_owned(), paths::RELEASES.to_owned())];
    view! {
        <PageHead title="Shadow run book" trail here="Shadow run book">
            <p>"Takes a new version from mirrored traffic to live. The console checks off each step from what it observes; this page sends nothing."</p>
        </PageHead>
        <Section id="steps" title=about note=format!("{count} of {total} complete")>
            <ol class="run-book">{items}</ol>
        </Section>
        <NextRun draft problems=found plan documents />
    }
}
