//! The plan of a new route, as a page: what a form without scripts leads to.

use crate::domain::change::proposal::{REASON, START};
use crate::domain::document::{Document, Form};
use crate::domain::endpoint::Endpoint;
use crate::domain::glass::Deed;
use crate::domain::plan::Plan;
use crate::domain::plan::asked::PlanOf;
use crate::domain::route::Route;
use crate::domain::route_form::{self, BASE, FieldProblem};
use crate::domain::run::warrant::{SAW, mark};
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::features::changes::Carry;
use crate::features::document::api::read_plan_document;
use crate::features::document::{DIRECT, TakeAway};
use crate::features::endpoint::api::read_endpoint;
use crate::features::frame::Crumbs;
use crate::features::glass::Offer;
use crate::features::hindrance::Hindrances;
use crate::features::load::loaded;
use crate::features::plan::PlanView;
use crate::features::problem::Refusal;
use crate::features::route::bar::RouteBar;
use crate::features::route::form::{HiddenFields, RouteForm};
use crate::features::{address, route::api};
use crate::paths;
use crate::port::EndpointView;
use crate::submission::Submission;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;
use leptos_meta::Title;

type Fields = Vec<(String, String)>;

/// What the page shows.
struct Loaded {
    view: EndpointView,
    fields: Fields,
    planned: Result<(Route, Plan, Vec<Document>), Vec<FieldProblem>>,
    refusal: Option<ConsoleError>,
}

/// The plan of a new route.
#[component]
pub fn RoutePage() -> impl IntoView {
    let submission = use_context::<Submission>();
    let refusal = submission.as_ref().and_then(|sent| sent.refusal().cloned());
    let fields = submission.map_or_else(address::query, |sent| sent.fields);
    let at = address::endpoint();
    loaded(async { load(at?, fields, refusal).await }, |loaded| view! { <Page loaded /> })
}

async fn load(
    at: EndpointKey,
    mut fields: Fields,
    refusal: Option<ConsoleError>,
) -> Result<Loaded, ConsoleError> {
    let view = read_endpoint(at.clone()).await?;
    let names_a_share = |(name, _): &(String, String)| name.starts_with(route_form::LIVE_PREFIX);
    if !fields.iter().any(names_a_share) {
        fields = route_form::fields(&view.endpoint);
    }
    let planned = match route_form::parse(&fields) {
        Ok(route) => {
            let of = PlanOf::Route { at: at.clone(), route: route.clone() };
            let commands = read_plan_document(of, Form::Commands).await?;
            Ok((route.clone(), api::plan_route(at, route).await?, vec![commands]))
        }
        Err(problems) => Err(problems),
    };
    Ok(Loaded { view, fields, planned, refusal })
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { view, fields, planned, refusal } = loaded;
    let endpoint = view.endpoint.clone();
    let key = endpoint.key.clone();
    let trail = vec![(key.endpoint.to_string(), paths::endpoint(&key))];
    let moved = moved(&fields, &endpoint);
    let ((gate, run), stage) = (view.hindrances(), view.stage.name.clone());
    let problems = planned.as_ref().err().cloned().unwrap_or_default();
    let plan = planned.ok().map(|(route, plan, documents)| {
        let said = [REASON, START].map(|name| said(&fields, name));
        let protected = view.stage.protected;
        let may_not = view.may_not_change;
        let deed = Deed::Route(route.clone());
        let glass =
            view.may_break_glass.then(|| paths::break_glass(&endpoint.key, Some(&deed)));
        view! { <Planned endpoint=endpoint.clone() route plan documents may_not protected said glass /> }
    });
    view! {
        <Title text=format!("New route for {}", key.endpoint) />
        <Crumbs trail here="New route" />
        <header class="head">
            <h1>"New route for " {key.endpoint.to_string()}</h1>
        </header>
        {refusal.map(|error| view! { <Refusal error /> })}
        {moved}
        <Hindrances gate stage run />
        {plan}
        <Section id="edit" title="Change it">
            <RouteForm endpoint fields problems />
        </Section>
    }
}

/// What was written into a field before.
fn said(fields: &Fields, name: &str) -> String {
    fields
        .iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// Says when the route is no longer the one that the person started from.
fn moved(fields: &Fields, endpoint: &Endpoint) -> Option<impl IntoView + use<>> {
    let (_, base) = fields.iter().find(|(name, _)| name == BASE)?;
    let base: Route = base.parse().ok()?;
    let now = endpoint.route.to_string();
    (base != endpoint.route).then(|| {
        view! {
            <Notice tone=Tone::Warn title="The route changed meanwhile">
                <p>
                    "When you started it was " <b>{base.to_string()}</b> ", it is now " <b>{now}</b>
                    ". The plan below starts from the new one; apply it only if it is still what you want."
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
    let of = PlanOf::Route { at: endpoint.key.clone(), route: route.clone() };
    let action = paths::route(&endpoint.key);
    let back = paths::endpoint(&endpoint.key);
    let fields = route_form::fields(&Endpoint { route: route.clone(), ..endpoint.clone() });
    let base = plan.base.to_text();
    let saw = mark(&plan.made_of);
    let reason = may_not.or_else(|| plan.hindered(protected));
    let (from, to) = (endpoint.route.clone(), route);
    let (is, becomes) = (from.to_string(), to.to_string());
    view! {
        <Section id="plan" title="Plan">
            <div class="turn">
                <p>"Is: " <b>{is}</b></p>
                <RouteBar endpoint=endpoint.clone() route=from />
                <p>"Becomes: " <b>{becomes}</b></p>
                <RouteBar endpoint=endpoint route=to />
            </div>
            <PlanView plan />
            <form method="post" action=action class="apply">
                <HiddenFields fields base />
                <input type="hidden" name=SAW value=saw />
                <Carry word="Apply" variant="lead" reason protected said cancel=back />
            </form>
            {glass.map(|href| view! { <Offer href /> })}
            <TakeAway of hash forms=DIRECT.to_vec() documents />
        </Section>
    }
}
