//! Breaking glass as a page: the plan and the rules first, then the form. It works without scripts.

use super::api;
use super::broken::Rules;
use super::form::{BreakForm, YamlForm};
use crate::domain::glass::Deed;
use crate::domain::plan::step::StepKind;
use crate::domain::route::Route;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::address;
use crate::features::frame::Crumbs;
use crate::features::load::loaded;
use crate::features::plan::PlanView;
use crate::features::problem::Refusal;
use crate::features::route::RouteBar;
use crate::paths;
use crate::port::GlassPlan;
use crate::submission::Submission;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the page shows.
struct Loaded {
    at: EndpointKey,
    deed: Deed,
    plan: Result<GlassPlan, ConsoleError>,
    sent: Option<Submission>,
}

/// Breaking glass.
#[component]
pub fn BreakGlassPage() -> impl IntoView {
    let sent = use_context::<Submission>();
    let fields = sent.as_ref().map_or_else(address::query, |sent| sent.fields.clone());
    let at = address::endpoint();
    loaded(async move { load(at?, &fields, sent).await }, |loaded| view! { <Page loaded /> })
}

async fn load(
    at: EndpointKey,
    fields: &[(String, String)],
    sent: Option<Submission>,
) -> Result<Loaded, ConsoleError> {
    let deed = Deed::parse(fields)?;
    let plan = match api::plan_glass(at.clone(), deed.clone()).await {
        // What is wrong with a text is said beside it.
        Err(error @ ConsoleError::Yaml(_)) => Err(error),
        plan => Ok(plan?),
    };
    Ok(Loaded { at, deed, plan, sent })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { at, deed, plan, sent } = loaded;
    let refusal = sent.as_ref().and_then(|sent| sent.refusal().cloned());
    let name = at.endpoint.to_string();
    let trail = vec![(name.clone(), paths::endpoint(&at))];
    let yaml = match &deed {
        Deed::Create { yaml } => {
            let (at, yaml) = (at.clone(), yaml.clone());
            let problem = plan.as_ref().err().filter(|_| !yaml.trim().is_empty()).cloned();
            Some(view! { <YamlForm at yaml problem /> })
        }
        _ => None,
    };
    let stage = at.stage.to_string();
    view! {
        <Title text=format!("Break glass on {name}") />
        <Crumbs trail here="Break glass" />
        <header class="head">
            <h1>"Break glass on " {name.clone()}</h1>
            <p>
                "This does at once what the policy of " {stage} " forbids. It is recorded with your name, your role and \
                 your reason, every webhook is notified, and a banner stays on the overview until somebody else \
                 acknowledges it."
            </p>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        {yaml}
        {plan.ok().map(|plan| view! { <Planned plan deed sent /> })}
    }
}

#[component]
fn Planned(plan: GlassPlan, deed: Deed, sent: Option<Submission>) -> impl IntoView {
    let GlassPlan { at, endpoint, title, plan, set_aside, why_not, seen, form, .. } = plan;
    let to = match &deed {
        Deed::Route(route) => Some(route.clone()),
        _ => None,
    };
    let turn = endpoint.zip(to).map(|(endpoint, to): (_, Route)| {
        let from = endpoint.route.clone();
        let (is, becomes) = (from.to_string(), to.to_string());
        view! {
            <div class="turn">
                <p>"Is: " <b>{is}</b></p>
                <RouteBar endpoint=endpoint.clone() route=from />
                <p>"Becomes: " <b>{becomes}</b></p>
                <RouteBar endpoint=endpoint route=to />
            </div>
        }
    });
    let bakes = plan.steps.iter().any(|step| step.kind == StepKind::Bake);
    let is_possible = why_not.is_none();
    view! {
        <Section id="plan" title="Plan" note="Made from what Azure says now.">
            <p><b>{title}</b></p>
            {turn}
            <div class="amounts"><PlanView plan /></div>
        </Section>
        <Section id="set-aside" title="Rules that would be set aside" note="These and no others.">
            {why_not.map(|why| view! {
                <Notice tone=Tone::Warn title="This cannot be done by breaking glass"><p>{why}</p></Notice>
            })}
            <Rules set_aside />
            <p>
                "Everything else holds: the plan's other rules, one run at a time, and the comparison of the route and \
                 of the deployments with this plan immediately before anything is sent."
                {bakes.then_some(" Live traffic moves in the steps of the policy, and bakes at each of them.")}
            </p>
        </Section>
        {is_possible.then(|| view! {
            <Section id="break-glass" title="Break glass">
                <BreakForm at deed seen form sent />
            </Section>
        })}
    }
}
