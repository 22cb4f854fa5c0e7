//! What a deployment is, kept current.

use crate::domain::endpoint::Deployment;
use crate::domain::name::DeploymentName;
use crate::domain::route::Part as RoutePart;
use crate::domain::timestamp::Timestamp;
use crate::features::connection::{ConnectionNotice, listen_beat};
use crate::features::diagnosis::FailureWords;
use crate::features::freshness::StaleNotice;
use crate::features::route::Part;
use crate::features::state::{Phases, StateBadge};
use crate::live::{Clock, listen, pick};
use crate::paths;
use crate::port::EndpointView;
use crate::ui::badge::Tone;
use crate::ui::facts::Fact;
use crate::ui::notice::Notice;
use crate::ui::time::Time;
use crate::ui::written::Written;
use leptos::either::Either;
use leptos::prelude::*;

/// What a deployment is, kept current.
#[island]
pub fn DeploymentFacts(
    /// Its endpoint's page.
    on: EndpointView,
    /// Which.
    name: DeploymentName,
) -> impl IntoView {
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
    let deployment = Memo::new(move |_| {
        on.with(|on| name.with_value(|name| on.endpoint.deployment(name).cloned()))
    });
    let part = Memo::new(move |_| on.with(|on| name.with_value(|name| on.endpoint.part(name))));
    let freshness = pick(on, |on| on.freshness.clone());
    let data = pick(on, |on| on.now);
    view! {
        <ConnectionNotice url data now />
        <StaleNotice freshness />
        {move || match deployment.get() {
            Some(deployment) => Either::Left(view! { <Facts deployment part=part.get() now /> }),
            None => Either::Right(view! { <Gone /> }),
        }}
    }
}

#[component]
fn Gone() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warn title="This deployment is gone">
            <p>"Azure no longer has it. Its endpoint's page shows what is there."</p>
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
            <Notice tone=Tone::Bad title="Azure could not make it"><FailureWords failure /></Notice>
        })}
        {deployment.description.map(|words| view! { <p><Written text=words /></p> })}
        {making.map(|current| view! { <Phases current /> })}
        <dl class="facts">
            <Fact term="State"><StateBadge state /></Fact>
            <Fact term="Part"><Part part /></Fact>
            <Fact term="Model">{text(model)}</Fact>
            <Fact term="Environment">{text(environment)}</Fact>
            <Fact term="Instances">{number(instance_count, "")} " × " {text(instance_type)}</Fact>
            <Fact term="Request timeout">{number(deployment.request_timeout_ms, " ms")}</Fact>
            <Fact term="Requests at once, per instance">{number(deployment.max_concurrent_requests, "")}</Fact>
            <Fact term="Created">{created.map(|at| view! { <Time at now /> })}</Fact>
        </dl>
    }
}
