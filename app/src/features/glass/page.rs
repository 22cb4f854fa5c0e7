//! The page that breaks glass: the plan and the rules first, then the form. Works without scripts.

use super::api;
use super::broken::Rules;
use super::form::{BreakForm, YamlForm};
use crate::components::address;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::plan::PlanView;
use crate::components::problem::Refused;
use crate::components::route_bar::Turn;
use crate::error::ConsoleError;
use crate::paths;
use crate::port::GlassPlan;
use crate::submission::Submission;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::glass::{Purpose, overridden_guards};
use domain::intent::Intent;
use domain::plan::step::StepKind;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// What the page shows.
struct Loaded {
    at: EndpointKey,
    purpose: Purpose,
    plan: Result<GlassPlan, ConsoleError>,
    sent: Option<Submission>,
}

/// The page that breaks glass.
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
    let purpose = Purpose::parse(at.clone(), fields)?;
    let plan = match api::plan_glass(at.clone(), purpose.clone()).await {
        // The form shows an invalid YAML's problem beside the text.
        Err(error @ ConsoleError::Yaml(_)) => Err(error),
        plan => Ok(plan?),
    };
    Ok(Loaded { at, purpose, plan, sent })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { at, purpose, plan, sent } = loaded;
    let name = at.endpoint.to_string();
    let title = format!("Break glass on {name}");
    let trail = vec![(name, paths::endpoint(&at))];
    let yaml = match &purpose {
        Purpose::Intent(Intent::CreateDeployment { deployment, .. }) => {
            let (at, yaml) = (at.clone(), deployment.0.clone());
            let problem = plan.as_ref().err().filter(|_| !yaml.trim().is_empty()).cloned();
            Some(view! { <YamlForm at yaml problem /> })
        }
        _ => None,
    };
    let stage = at.stage.to_string();
    view! {
        <PageHead title trail here="Break glass">
            <p>
                "Breaking glass applies immediately what the policy of " {stage} " forbids. The audit log records your \
                 name, role and reason, and a banner stays on the overview until somebody else acknowledges it."
            </p>
        </PageHead>
        <Refused />
        {yaml}
        {plan.ok().map(|plan| view! { <Planned plan purpose sent /> })}
    }
}

#[component]
fn Planned(plan: GlassPlan, purpose: Purpose, sent: Option<Submission>) -> impl IntoView {
    let GlassPlan { at, endpoint, title, plan, set_aside, why_not, webhooks, seen, form } = plan;
    let overridden = overridden_guards(&set_aside);
    let to = match &purpose {
        Purpose::Intent(Intent::SetRoute { route, .. }) => Some(route.clone()),
        _ => None,
    };
    let turn = endpoint.zip(to).map(|(endpoint, to)| view! { <Turn endpoint to /> });
    let bakes = plan.steps.iter().any(|step| step.kind == StepKind::Bake);
    let is_possible = why_not.is_none();
    view! {
        <Section id="plan" title="Plan" note="Made from Azure's current state.">
            <p><b>{title}</b></p>
            {turn}
            <div class="amounts"><PlanView plan overridden /></div>
        </Section>
        {why_not.map(|why| view! {
            <Section id="set-aside" title="Rules to override">
                <Notice tone=Tone::Warn title="Breaking glass does not allow this"><p>{why}</p></Notice>
            </Section>
        })}
        {is_possible.then(|| view! {
            <Section id="set-aside" title="Rules to override" note="Only these rules.">
                <Rules set_aside />
                <p>
                    "Everything else still applies: the plan's other rules, one run at a time, and the comparison of \
                     the traffic split and the deployments with this plan immediately before anything is sent."
                    {bakes.then_some(" Live traffic moves in the policy's steps and bakes at each step.")}
                </p>
            </Section>
        })}
        {is_possible.then(|| view! {
            <Section id="break-glass" title="Break glass">
                <BreakForm at purpose seen form webhooks sent />
            </Section>
        })}
    }
}
