//! A route as a bar: live shares side by side, with the mirrored share hatched below.

use crate::ui::badge::{Badge, Tone};
use domain::endpoint::Endpoint;
use domain::name::DeploymentName;
use domain::route::{self, Route};
use leptos::prelude::*;

/// One deployment on the bar.
#[derive(Debug, Clone, PartialEq)]
struct Segment {
    name: DeploymentName,
    seat: usize,
    left: u8,
    share: u8,
    mirrored: u8,
}

/// In the order of the deployments; deployments that only the route names come last.
fn segments(endpoint: &Endpoint, route: &Route) -> Vec<Segment> {
    let there = endpoint.deployments.iter().map(|deployment| deployment.name.clone());
    let gone = route.named().filter(|name| endpoint.deployment(name).is_none()).cloned();
    let mut left = 0;
    let segment = |(seat, name): (usize, DeploymentName)| {
        let share = route.split().share(&name);
        let mirror = route.mirror().filter(|mirror| *mirror.deployment() == name);
        let mirrored = mirror.map_or(0, route::Mirror::percent);
        let segment = Segment { name, seat, left, share, mirrored };
        left += share;
        segment
    };
    there.chain(gone).enumerate().map(segment).collect()
}

/// The bar of an endpoint's route or of a draft.
#[component]
pub fn RouteBar(
    #[prop(into)] endpoint: Signal<Endpoint>,
    #[prop(into)] route: Signal<Route>,
    /// Whether names and shares are shown below the bar.
    #[prop(optional)]
    legend: bool,
) -> impl IntoView {
    let all = Memo::new(move |_| route.with(|route| endpoint.with(|e| segments(e, route))));
    let label = move || route.with(|route| format!("Traffic split: {route}"));
    let height = move || if route.with(|route| route.mirror().is_some()) { "30" } else { "18" };
    let live = move || {
        let rect = |s: Segment| {
            view! { <rect class="live" data-seat=s.seat x=percent(s.left) width=percent(s.share) y="0" height="18" /> }
        };
        all.get().into_iter().map(rect).collect::<Vec<_>>()
    };
    view! {
        <div class="route">
            <svg class="bar" width="100%" height=height role="img" aria-label=label>
                <rect class="ground" x="0" y="0" width="100%" height="18" />
                {live}
                <Band all />
            </svg>
            {legend.then(|| view! { <Legend all /> })}
        </div>
    }
}

/// The current route and a proposed one.
#[component]
pub fn Turn(endpoint: Endpoint, to: Route) -> impl IntoView {
    let from = endpoint.route.clone();
    let (is, becomes) = (from.to_string(), to.to_string());
    view! {
        <div class="turn">
            <p>"Current: " <b>{is}</b></p>
            <RouteBar endpoint=endpoint.clone() route=from />
            <p>"Proposed: " <b>{becomes}</b></p>
            <RouteBar endpoint route=to />
        </div>
    }
}

/// The mirror has its own band because copies are not part of the 100%.
#[component]
fn Band(all: Memo<Vec<Segment>>) -> impl IntoView {
    let mirrored = move || all.get().into_iter().find(|segment| segment.mirrored > 0);
    move || {
        mirrored().map(|segment| {
            let width = percent(segment.mirrored);
            let hatches = (0..60).map(|i| format!("M{} 30l9 -9", i * 16)).collect::<String>();
            view! {
                <svg class="mirror" x="0" y="21" width=width.clone() height="9" data-seat=segment.seat>
                    <rect x="0" y="0" width="100%" height="9" />
                    <path transform="translate(0 -21)" d=hatches />
                </svg>
            }
        })
    }
}

fn percent(share: u8) -> String {
    format!("{share}%")
}

#[component]
fn Legend(all: Memo<Vec<Segment>>) -> impl IntoView {
    let items = move || {
        let named = |segment: &Segment| segment.share > 0 || segment.mirrored > 0;
        let item = |segment: Segment| {
            let what = if segment.share > 0 {
                format!("{} %", segment.share)
            } else {
                format!("mirror {} %", segment.mirrored)
            };
            let kind = if segment.share > 0 { "live" } else { "shadow" };
            view! {
                <li data-kind=kind data-seat=segment.seat>
                    {segment.name.to_string()}
                    <b>{what}</b>
                </li>
            }
        };
        all.get().into_iter().filter(named).map(item).collect::<Vec<_>>()
    };
    let off = move || all.with(|all| all.iter().all(|segment| segment.share == 0));
    view! {
        <ul class="legend">
            {items}
            {move || off().then(|| view! { <li>"No live traffic"</li> })}
        </ul>
    }
}

/// A deployment's role as a badge.
#[component]
pub fn Part(#[prop(into)] part: Signal<route::Part>) -> impl IntoView {
    let word = Signal::derive(move || part.get().to_string());
    let kind = move || match part.get() {
        route::Part::Live(_) => "live",
        route::Part::Shadow(_) => "shadow",
        route::Part::Idle => "idle",
    };
    view! {
        <span class="part" data-kind=kind>
            <Badge tone=Tone::Quiet word />
        </span>
    }
}
