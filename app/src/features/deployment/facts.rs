//! A deployment's properties, kept current.

use crate::components::connection::{ConnectionNotice, listen_beat};
use crate::components::diagnosis::FailureWords;
use crate::components::route_bar::Part;
use crate::components::staleness::StaleNotice;
use crate::components::state::{Phases, StateBadge};
use crate::live::{Clock, derive, listen, pick};
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::endpoint::Deployment;
use domain::name::DeploymentName;
use domain::route::Part as RoutePart;
use domain::timestamp::Timestamp;
use leptos::either::Either;
use leptos::prelude::*;

/// A deployment's properties, kept current.
#[island]
pub fn DeploymentFacts(on: EndpointView, name: DeploymentName) -> impl IntoView {
    let events = paths::events(&on.endpoint.key);
    let clock = Clock::new(on.now);
    let now = clock.now();
    let on = RwSignal::new(on);
    let url = events.clone();
    Effect::new(move |_| {
        listen(&events, "endpoint", move |next: EndpointView| {
            clock.sync(next.now);
            on.set(next);
        });
        listen_beat(&events, clock, on);
    });
    let name = StoredValue::new(name);
    let endpoint = pick(on, |on| on.endpoint.clone());
    let deployment = Memo::new(move |_| {
        endpoint.with(|on| name.with_value(|name| on.deployment(name).cloned()))
    });
    let part = move || endpoint.with(|on| name.with_value(|name| on.part(name)));
    let freshness = derive(on, |on| on.freshness.clone());
    let data = derive(on, |on| on.now);
    view! {
        <ConnectionNotice url data now />
        <StaleNotice freshness />
        {move || match deployment.get() {
            Some(deployment) => Either::Left(view! { <Facts deployment part=part() now /> }),
            None => Either::Right(view! { <Gone /> }),
        }}
    }
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title="This deployment is gone">
            <p>"Azure no longer has this deployment. The endpoint's page lists the deployments that exist."</p>
        </Notice>
    }
}

#[component]
fn Facts(deployment: Deployment, part: RoutePart, now: Signal<Timestamp>) -> impl IntoView {
    let making = deployment.phase.filter(|_| deployment.state.is_busy());
    let Deployment { state, instance_type, instance_count, model, environment, created, .. } =
        deployment;
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let number =
        move |value: Option<u32>, unit: &str| text(value.map(|value| format!("{value}{unit}")));
    view! {
        {deployment.failure.map(|failure| view! {
            <Notice tone=Tone::Bad title="Provisioning failed"><FailureWords failure /></Notice>
        })}
        {deployment.description.map(|words| view! { <p><Written text=words /></p> })}
        {making.map(|current| view! { <Phases current /> })}
        <dl class="facts">
            <Fact term="State"><StateBadge state /></Fact>
            <Fact term="Role"><Part part /></Fact>
            <Fact term="Model">{text(model)}</Fact>
            <Fact term="Environment">{text(environment)}</Fact>
            <Fact term="Instances">{number(instance_count, "")} " × " {text(instance_type)}</Fact>
            <Fact term="Request timeout">{number(deployment.request_timeout_ms, " ms")}</Fact>
            <Fact term="Max concurrent requests per instance">{number(deployment.max_concurrent_requests, "")}</Fact>
            <Fact term="Created">{created.map(|at| view! { <Time at now /> })}</Fact>
        </dl>
    }
}
