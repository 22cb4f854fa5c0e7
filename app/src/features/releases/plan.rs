//! Planning a deploy: the inputs as a form, and what they amount to. A plain form that asks again.

use super::api;
use super::apply::Apply;
use super::findings::{Findings, Notes};
use super::inputs::in_order;
use super::release::trail;
use super::standing::{Drifts, StandingBadge};
use crate::domain::change::proposal::{REASON, START};
use crate::domain::document::Form;
use crate::domain::glass::Deed;
use crate::domain::plan::Plan;
use crate::domain::plan::asked::PlanOf;
use crate::domain::release::answers;
use crate::domain::release::input::{Given, Input};
use crate::domain::repository::{Defined, Reference};
use crate::domain::standing::Standing;
use crate::features::address;
use crate::features::document::TakeAway;
use crate::features::frame::Crumbs;
use crate::features::glass::Offer;
use crate::features::load::loaded;
use crate::features::plan::PlanView;
use crate::features::problem::Refusal;
use crate::paths;
use crate::port::{ReleasePlan, ReleaseView};
use crate::submission::Submission;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// Planning a deploy.
#[component]
pub fn PlanReleasePage() -> impl IntoView {
    let (id, reference) = (address::release(), api::reference());
    let answers = answers::of_query(&address::query());
    let load = async move {
        let (id, reference) = (id?, reference?);
        let planned = api::plan_release(id.clone(), reference.clone(), answers.clone()).await?;
        Ok((planned, PlanOf::Release { id, reference: reference.clone(), answers }, reference))
    };
    loaded(load, |(planned, of, reference)| view! { <Page planned of reference /> })
}

#[component]
fn Page(planned: ReleasePlan, of: PlanOf, reference: Option<Reference>) -> impl IntoView {
    let ReleasePlan { view, plan, documents, protected, may_not_apply, glass } = planned;
    let ReleaseView { defined, standing, .. } = view;
    let hash = plan.as_ref().and_then(|plan| plan.hash.clone());
    let is_planned = plan.is_some();
    let sent = use_context::<Submission>();
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let said = [REASON, START]
        .map(|name| sent.as_ref().and_then(|sent| sent.field(name)).unwrap_or_default().to_owned());
    let apply = plan.clone().map(|plan| {
        let (id, reference) = (defined.id.clone(), reference.clone());
        let answers = address::query().into_iter();
        let answers =
            answers.filter(|(name, _)| name.starts_with(answers::PREFIX)).collect::<Vec<_>>();
        view! { <Apply id reference answers plan protected said may_not=may_not_apply /> }
    });
    let glass = glass.filter(|_| plan.is_some()).map(|at| {
        let (id, reference) = (defined.id.clone(), reference.clone());
        let answers = answers::of_query(&address::query());
        let deed = Deed::Release { id, reference, answers };
        let href = paths::break_glass(&at, Some(&deed));
        view! { <Offer href /> }
    });
    let Defined { id, release, problems, notes, .. } = defined.clone();
    let mut way = trail();
    way.push((id.job.clone(), paths::release(&id, reference.as_ref())));
    let questions: Vec<_> = release.questions.iter().map(|question| question.key.clone()).collect();
    let drifts = match &standing {
        Standing::Differs { fields, .. } => Some(fields.clone()),
        _ => None,
    };
    view! {
        <Title text=format!("Plan {}", id.job) />
        <Crumbs trail=way here="Plan a deploy" />
        <header class="head">
            <h1>"Plan " {id.job.clone()}</h1>
            <p>"Change what the workflow says, for this plan only."</p>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        <Section id="inputs" title="Inputs" note="Texts are taken as you write them. Where GitHub wants true, false or a number, write them without quotes.">
            <Form defined reference />
        </Section>
        <Section id="outcome" title="What it amounts to">
            {(!questions.is_empty()).then(|| view! {
                <Notice tone=Tone::Warn title="Answers are missing">
                    <p>"Only GitHub knows " {questions.join(", ")} ". Fill in what you want to plan with."</p>
                </Notice>
            })}
            <Findings problems linked=false />
            <Notes notes linked=false />
            <p><StandingBadge standing /></p>
            {drifts.filter(|_| plan.is_none()).map(|drifts| view! { <Drifts drifts /> })}
            {plan.map(|plan| view! { <div class="amounts"><PlanView plan=Plan { questions: Vec::new(), ..plan } /></div> })}
            {apply}
            {glass}
        </Section>
        {is_planned.then(|| view! {
            <Section id="take-away" title="Take it away" note="Secrets are hidden. The same inputs and state give the same files.">
                <TakeAway of hash forms=Form::OF_PLAN.to_vec() documents />
            </Section>
        })}
    }
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
                <button type="submit" class="button" data-variant="lead">"Plan it"</button>
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
                {says.map(|says| view! { <small>"the workflow says " <code>{says}</code></small> })}
                {(!problem.is_empty()).then(|| view! { <span class="problem-text">{problem}</span> })}
            </span>
        </p>
    }
}
