//! Planning a deployment from a release: a plain form with the inputs, and the resulting plan.

use super::api;
use super::apply::Apply;
use super::drift::{Drifts, StandingBadge, drifts, with_plan};
use super::findings::{Findings, Notes};
use super::inputs::in_order;
use super::release::trail;
use crate::components::address;
use crate::components::break_glass::BreakGlassLink;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::plan::PlanView;
use crate::components::problem::Refused;
use crate::features::document::TakeAway;
use crate::paths;
use crate::port::{ReleasePlan, ReleaseView};
use crate::submission::said;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::change::proposal::{REASON, START};
use domain::document::Form;
use domain::glass::Purpose;
use domain::intent::{Intent, ReleaseRequest};
use domain::plan::Plan;
use domain::release::input::{Given, Input};
use domain::release::{Question, answers};
use domain::repository::{Defined, Reference};
use leptos::prelude::*;

/// The page that plans a release.
#[component]
pub fn PlanReleasePage() -> impl IntoView {
    let (id, reference) = (address::release(), api::reference());
    let answers = answers::of_query(&address::query());
    let load = async move {
        let (id, reference) = (id?, reference?);
        let planned = api::plan_release(id.clone(), reference.clone(), answers.clone()).await?;
        let release = ReleaseRequest::Defined { id, reference: reference.clone(), answers };
        Ok((planned, Intent::Release { release }, reference))
    };
    loaded(load, |(planned, of, reference)| view! { <Page planned of reference /> })
}

#[component]
fn Page(planned: ReleasePlan, of: Intent, reference: Option<Reference>) -> impl IntoView {
    let ReleasePlan { view, plan, documents, protected, may_not_apply, glass } = planned;
    let ReleaseView { defined, standing, .. } = view;
    let standing = with_plan(standing, plan.as_ref());
    let hash = plan.as_ref().and_then(|plan| plan.hash.clone());
    let is_planned = plan.is_some();
    let said = [REASON, START].map(said);
    let apply = plan.clone().map(|plan| {
        let (id, reference) = (defined.id.clone(), reference.clone());
        let answers = address::query().into_iter();
        let answers =
            answers.filter(|(name, _)| name.starts_with(answers::PREFIX)).collect::<Vec<_>>();
        view! { <Apply id reference answers plan protected said may_not=may_not_apply /> }
    });
    let glass = glass.filter(|_| plan.is_some()).map(|at| {
        let href = paths::break_glass(&at, Some(&Purpose::Intent(of.clone())));
        view! { <BreakGlassLink href /> }
    });
    let Defined { id, release, problems, notes, .. } = defined.clone();
    let mut way = trail();
    way.push((id.job.clone(), paths::release(&id, reference.as_ref())));
    let questions = release.questions;
    let drifts = drifts(&standing).filter(|_| plan.is_none());
    view! {
        <PageHead title=format!("Plan {}", id.job) trail=way here="Plan deployment">
            <p>"Override the workflow's inputs for this plan only."</p>
        </PageHead>
        <Refused />
        <Section id="inputs" title="Inputs" note="Strings are used exactly as entered. Enter true, false and numbers without quotes.">
            <Form defined reference />
        </Section>
        <Section id="outcome" title="Result">
            <InputsRequired questions />
            <Findings problems linked=false />
            <Notes notes linked=false />
            <p><StandingBadge standing /></p>
            {drifts.map(|drifts| view! { <Drifts drifts /> })}
            {plan.map(|plan| view! { <div class="amounts"><PlanView plan=Plan { questions: Vec::new(), ..plan } /></div> })}
            {apply}
            {glass}
        </Section>
        {is_planned.then(|| view! {
            <Section id="take-away" title="Export" note="Secrets are hidden. The same inputs and state produce the same files.">
                <TakeAway of hash forms=Form::OF_PLAN.to_vec() documents />
            </Section>
        })}
    }
}

/// The inputs that the person must enter; nothing if the workflow gives all of them.
#[component]
fn InputsRequired(questions: Vec<Question>) -> impl IntoView {
    (!questions.is_empty()).then(|| {
        let keys = questions.into_iter().map(|question| question.key).collect::<Vec<_>>();
        view! {
            <Notice tone=Tone::Warn title="Inputs required">
                <p>"Only GitHub can resolve " {keys.join(", ")} ". Enter values for this plan."</p>
            </Notice>
        }
    })
}

#[component]
fn Form(defined: Defined, reference: Option<Reference>) -> impl IntoView {
    let action = paths::plan_release(&defined.id);
    let said = |key: &str| {
        let about = defined.problems.iter().filter(|one| one.field.as_deref() == Some(key));
        about.map(|problem| problem.message.clone()).collect::<Vec<_>>().join(" ")
    };
    let field = |(key, input): (String, Input)| {
        let problem = said(&key);
        view! { <Field key_=key input problem /> }
    };
    let fields = in_order(&defined.release).into_iter().map(field).collect::<Vec<_>>();
    view! {
        <form class="overrides" method="get" action=action>
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {fields}
            <p class="actions">
                <button type="submit" class="button" data-variant="lead">"Update the plan"</button>
            </p>
        </form>
    }
}

#[component]
fn Field(key_: String, input: Input, problem: String) -> impl IntoView {
    let name = format!("{}{key_}", answers::PREFIX);
    let (value, says) = match &input.given {
        Given::Expression(expression) => (String::new(), Some(expression.0.clone())),
        given => (given.written(), None),
    };
    let wrong = (!problem.is_empty()).then_some("true");
    let about = format!("{name}-about");
    view! {
        <p class="field">
            <label for=name.clone()>{key_}</label>
            <input type="text" id=name.clone() name=name value=value autocomplete="off" spellcheck="false"
                autocapitalize="off" aria-invalid=wrong aria-describedby=about.clone() />
            <span id=about class="about">
                {says.map(|says| view! { <small>"workflow value: " <code>{says}</code> ". "</small> })}
                {(!problem.is_empty()).then(|| view! { <span class="problem-text"><Written text=problem /></span> })}
            </span>
        </p>
    }
}
