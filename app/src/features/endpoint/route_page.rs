//! The page with a new route's plan, which forms without scripts lead to.

use crate::components::address;
use crate::components::break_glass::BreakGlassLink;
use crate::components::hindrance::Hindrances;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::plan::PlanView;
use crate::components::problem::Refused;
use crate::components::propose::ApplyOrPropose;
use crate::components::route_bar::Turn;
use crate::error::ConsoleError;
use crate::features::document::api::read_plan_document;
use crate::features::document::{DIRECT, TakeAway};
use crate::features::endpoint::api::read_endpoint;
use crate::features::route::api;
use crate::features::route::form::{HiddenFields, RouteForm};
use crate::paths;
use crate::port::EndpointView;
use crate::submission::{Submission, field};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::change::proposal::{REASON, START};
use domain::document::{Document, Form};
use domain::endpoint::Endpoint;
use domain::glass::Purpose;
use domain::intent::Intent;
use domain::plan::Plan;
use domain::route::Route;
use domain::route_form::{self, BASE, FieldProblem};
use domain::run::warrant::{SAW, mark};
use domain::stage::EndpointKey;
use leptos::prelude::*;

type Fields = Vec<(String, String)>;

/// What the page shows.
struct Loaded {
    view: EndpointView,
    fields: Fields,
    planned: Result<(Route, Plan, Vec<Document>), Vec<FieldProblem>>,
}

/// The page with a new route's plan.
#[component]
pub fn RoutePage() -> impl IntoView {
    // A submitted form with an unreadable base was rejected, and the page shows that.
    let (fields, base) = match use_context::<Submission>() {
        Some(sent) => (sent.fields, None),
        None => {
            let fields = address::query();
            let base = route_form::unreadable_base(&fields);
            (fields, base)
        }
    };
    let at = address::endpoint();
    loaded(async { load(at?, fields, base).await }, |loaded| view! { <Page loaded /> })
}

async fn load(
    at: EndpointKey,
    mut fields: Fields,
    base: Option<FieldProblem>,
) -> Result<Loaded, ConsoleError> {
    let view = read_endpoint(at.clone()).await?;
    if !route_form::names_a_share(&fields) {
        fields = route_form::fields(&view.endpoint);
    }
    let planned = match (route_form::parse(&fields), base) {
        (Ok(route), None) => {
            let intent = Intent::SetRoute { at, route: route.clone() };
            let commands = read_plan_document(intent.clone(), Form::Commands).await?;
            Ok((route, api::plan_intent(intent).await?, vec![commands]))
        }
        (Ok(_), Some(base)) => Err(vec![base]),
        (Err(problems), base) => Err(problems.into_iter().chain(base).collect()),
    };
    Ok(Loaded { view, fields, planned })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, fields, planned } = loaded;
    let endpoint = view.endpoint.clone();
    let key = endpoint.key.clone();
    let trail = vec![(key.endpoint.to_string(), paths::endpoint(&key))];
    let moved = moved(&fields, &endpoint);
    let hindering = view.hindering();
    let problems = planned.as_ref().err().cloned().unwrap_or_default();
    let plan = planned.ok().map(|(route, plan, documents)| {
        let said = [REASON, START].map(|name| field(&fields, name).unwrap_or_default().to_owned());
        let protected = view.stage.protected;
        let may_not = view.may_not_change;
        let glass = view.may_break_glass.then(|| {
            let intent = Intent::SetRoute { at: endpoint.key.clone(), route: route.clone() };
            paths::break_glass(&endpoint.key, Some(&Purpose::Intent(intent)))
        });
        view! { <Planned endpoint=endpoint.clone() route plan documents may_not protected said glass /> }
    });
    view! {
        <PageHead title=format!("Edit traffic of {}", key.endpoint) trail here="Edit traffic" />
        <Refused />
        {moved}
        <Hindrances of=hindering />
        {plan}
        <Section id="edit" title="Edit">
            <RouteForm endpoint fields problems />
        </Section>
    }
}

/// Warns if the route is no longer the one that the person started from.
fn moved(fields: &Fields, endpoint: &Endpoint) -> Option<impl IntoView + use<>> {
    let base: Route = field(fields, BASE)?.parse().ok()?;
    let now = endpoint.route.to_string();
    (base != endpoint.route).then(|| {
        view! {
            <Notice tone=Tone::Warn title="The traffic split has changed">
                <p>
                    "When you started: " <b>{base.to_string()}</b> ". Now: " <b>{now}</b>
                    ". The plan below starts from the current split. Check it before you apply."
                </p>
            </Notice>
        }
    })
}

#[component]
fn Planned(
    endpoint: Endpoint,
    route: Route,
    plan: Plan,
    documents: Vec<Document>,
    may_not: Option<String>,
    protected: bool,
    said: [String; 2],
    glass: Option<String>,
) -> impl IntoView {
    let hash = plan.hash.clone();
    let of = Intent::SetRoute { at: endpoint.key.clone(), route: route.clone() };
    let action = paths::route(&endpoint.key);
    let back = paths::endpoint(&endpoint.key);
    let fields = route_form::fields(&Endpoint { route: route.clone(), ..endpoint.clone() });
    let base = plan.base.to_text();
    let saw = mark(&plan.made_of);
    let reason = may_not.or_else(|| plan.hindered(protected));
    view! {
        <Section id="plan" title="Plan">
            <Turn endpoint to=route />
            <PlanView plan />
            <form method="post" action=action class="apply">
                <HiddenFields fields base />
                <input type="hidden" name=SAW value=saw />
                <ApplyOrPropose word="Apply" variant="lead" reason protected said cancel=back />
            </form>
            {glass.map(|href| view! { <BreakGlassLink href /> })}
            <TakeAway of hash forms=DIRECT.to_vec() documents />
        </Section>
    }
}
