//! The endpoint's page, kept current.

use super::charts::Charts;
use super::deployments::Deployments;
use super::head::Head;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::Traffic;
use crate::features::connection::{ConnectionNotice, listen_beat};
use crate::features::freshness::StaleNotice;
use crate::features::glass::BrokenBanner;
use crate::features::hindrance::Hindrances;
use crate::features::operation::{Operations, announcement};
use crate::features::route::{RouteBar, RouteEditor};
use crate::live::{Clock, listen, pick};
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use leptos::prelude::*;

/// The endpoint, kept current. The children are the measurements as a table.
#[island]
pub fn EndpointBoard(
    /// What the page was rendered with.
    view: EndpointView,
    /// What was measured then.
    traffic: Traffic,
    /// The measurements as a table.
    children: Children,
) -> impl IntoView {
    let events = paths::events(&view.endpoint.key);
    let clock = Clock::new(view.now);
    let now = clock.now();
    let (view, traffic) = (RwSignal::new(view), RwSignal::new(traffic));
    subscribe(events.clone(), clock, view, traffic);
    let endpoint = pick(view, |view| view.endpoint.clone());
    let freshness = pick(view, |view| view.freshness.clone());
    let may_not = pick(view, |view| view.may_not_change.clone());
    let data = pick(view, |view| view.now);
    let broken = pick(view, |view| view.broken.clone());
    let glass = view.with_untracked(|view| view.may_break_glass);
    let known = pick(view, EndpointView::known);
    let hindrances = pick(view, EndpointView::hindrances);
    let stage = view.with_untracked(|view| view.stage.name.clone());
    let (protected, promotion) =
        view.with_untracked(|view| (view.stage.protected, view.promotion.clone()));
    view! {
        <ConnectionNotice url=events data now />
        <BrokenBanner broken now />
        <Head view now />
        <StaleNotice freshness />
        <Section id="route" title="Route">
            <Route view />
        </Section>
        <Section id="deployments" title="Deployments">
            <Deployments endpoint traffic now />
        </Section>
        <Section id="edit" title="Change the route" note="Live shares sum to 100. Nothing is sent before you apply.">
            {move || may_not.get().map(|reason| view! {
                <Notice tone=Tone::Quiet>
                    <p id="may-not">{reason}</p>
                </Notice>
            })}
            {move || {
                let ((gate, run), stage) = (hindrances.get(), stage.clone());
                view! { <Hindrances gate stage run /> }
            }}
            <RouteEditor endpoint may_not protected promotion known glass />
        </Section>
        <Section id="traffic" title="Traffic" note="Per minute, as Azure Monitor keeps it.">
            <Charts endpoint traffic />
            {children()}
        </Section>
        <Section id="operations" title="Operations" note="The newest 20 that were asked for from here; all of them are in the history.">
            <Done view now />
        </Section>
    }
}

fn subscribe(
    events: String,
    clock: Clock,
    view: RwSignal<EndpointView>,
    traffic: RwSignal<Traffic>,
) {
    Effect::new(move |_| {
        listen(&events, "endpoint", move |next: EndpointView| {
            clock.sync(next.now);
            view.set(next);
        });
        listen_beat(&events, clock, view);
        listen(&events, "traffic", move |next| traffic.set(next));
    });
}

#[component]
fn Route(view: RwSignal<EndpointView>) -> impl IntoView {
    let endpoint = pick(view, |view| view.endpoint.clone());
    let route = pick(endpoint, |endpoint| endpoint.route.clone());
    let problem = move || endpoint.with(|endpoint| endpoint.route_problem.clone());
    view! {
        <RouteBar endpoint route legend=true />
        {move || problem().map(|problem| view! {
            <Notice tone=Tone::Bad title="This route cannot be shown">
                <p>{problem}</p>
            </Notice>
        })}
    }
}

#[component]
fn Done(view: RwSignal<EndpointView>, now: Signal<Timestamp>) -> impl IntoView {
    let operations = pick(view, |view| view.operations.clone());
    view! {
        <p class="unseen" role="status">
            {move || operations.with(|all| announcement(all))}
        </p>
        <Operations operations now none="Nothing has been done to this endpoint from here yet." />
    }
}
