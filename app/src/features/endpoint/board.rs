//! The endpoint's page, kept current by events.

use super::charts::Charts;
use super::deployments::Deployments;
use super::head::Head;
use crate::components::broken_glass::BrokenBanner;
use crate::components::connection::{ConnectionNotice, listen_beat};
use crate::components::hindrance::Hindrances;
use crate::components::operation::{Operations, announcement};
use crate::components::route_bar::RouteBar;
use crate::components::staleness::StaleNotice;
use crate::features::route::RouteEditor;
use crate::live::{Clock, derive, listen, pick};
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use domain::timestamp::Timestamp;
use domain::traffic::Traffic;
use leptos::prelude::*;

/// The endpoint, kept current by events.
#[island]
pub fn EndpointBoard(view: EndpointView, traffic: Traffic, children: Children) -> impl IntoView {
    let events = paths::events(&view.endpoint.key);
    let clock = Clock::new(view.now);
    let now = clock.now();
    let (view, traffic) = (RwSignal::new(view), RwSignal::new(traffic));
    subscribe(events.clone(), clock, view, traffic);
    let endpoint = pick(view, |view| view.endpoint.clone());
    let freshness = derive(view, |view| view.freshness.clone());
    let may_not = pick(view, |view| view.may_not_change.clone());
    let data = derive(view, |view| view.now);
    let broken = pick(view, |view| view.broken.clone());
    let glass = view.with_untracked(|view| view.may_break_glass);
    let hindering = pick(view, EndpointView::hindering);
    let (protected, promotion) =
        view.with_untracked(|view| (view.stage.protected, view.promotion.clone()));
    view! {
        <ConnectionNotice url=events data now />
        <BrokenBanner broken now />
        <Head view now />
        <StaleNotice freshness />
        <Section id="route" title="Traffic split">
            <Route view />
        </Section>
        <Section id="deployments" title="Deployments">
            <Deployments endpoint traffic now />
        </Section>
        <Section id="edit" title="Edit traffic" note="Live shares add up to 100%. Nothing is sent until you apply.">
            {move || may_not.get().map(|reason| view! {
                <Notice tone=Tone::Quiet>
                    <p id="may-not">{reason}</p>
                </Notice>
            })}
            {move || view! { <Hindrances of=hindering.get() /> }}
            <RouteEditor endpoint may_not protected promotion hindering glass />
        </Section>
        <Section id="traffic" title="Traffic" note="Per minute, from Azure Monitor.">
            <Charts endpoint traffic />
            {children()}
        </Section>
        <Section id="operations" title="Operations" note="The newest 20 operations from this console. The audit log has all of them.">
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
    let route = derive(endpoint, |endpoint| endpoint.route.clone());
    let problem = move || endpoint.with(|endpoint| endpoint.route_problem.clone());
    view! {
        <RouteBar endpoint route legend=true />
        {move || problem().map(|problem| view! {
            <Notice tone=Tone::Bad title="This traffic split cannot be shown">
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
        <Operations operations now none="This console has not changed this endpoint yet." />
    }
}
