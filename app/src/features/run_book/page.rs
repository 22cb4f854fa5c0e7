//! The run book as a page: all steps, the one at hand unfolded, and what the next run would do.

use super::api::read_run_book;
use super::next_run::NextRun;
use super::step::StepItem;
use crate::domain::route_form::FieldProblem;
use crate::domain::run_book::form::{Field, parse};
use crate::domain::run_book::step::{Progress, Step, Which};
use crate::domain::run_book::steps::{next, steps};
use crate::domain::run_book::{Draft, Seen};
use crate::domain::stage::EndpointKey;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::paths;
use crate::port::RunBookView;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the steps' forms show.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What was decided.
    pub draft: Draft,
    /// What the URL's fields hold, right or wrong.
    pub texts: Vec<(Field, String)>,
    /// The endpoints that can be chosen.
    pub endpoints: Vec<EndpointKey>,
    /// What was observed.
    pub seen: Seen,
}

impl Sheet {
    /// What a field holds.
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

/// The step that a wrong field is asked for in.
fn asked_in(field: &str) -> Which {
    match field {
        "at" => Which::Endpoint,
        "traffic" => Which::Promote,
        _ => Which::Create,
    }
}

#[component]
fn Page(
    draft: Draft,
    texts: Vec<(Field, String)>,
    problems: Vec<FieldProblem>,
    chosen: Option<Which>,
    view: RunBookView,
) -> impl IntoView {
    let RunBookView { endpoints, seen, problems: found, plan, documents } = view;
    let steps = steps(&draft, &seen);
    let wrong = problems.first().map(|problem| asked_in(&problem.field));
    // Who says how much goes live has compared.
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
        <Title text="Shadow run book" />
        <Crumbs trail here="Shadow run book" />
        <header class="head">
            <h1>"Shadow run book"</h1>
            <p>"From a new version beside the primary to a new primary. Each step ticks itself from what is observed; nothing is sent from this page."</p>
        </header>
        <Section id="steps" title=about note=format!("{count} of {total} done")>
            <ol class="run-book">{items}</ol>
        </Section>
        <NextRun draft problems=found plan documents />
    }
}
