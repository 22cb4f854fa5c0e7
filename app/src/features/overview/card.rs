//! An endpoint's card on the overview.

use crate::components::route_bar::RouteBar;
use crate::components::state::StateBadge;
use crate::live::derive;
use crate::paths;
use crate::port::StageView;
use crate::ui::badge::{Badge, Tone};
use domain::endpoint::{AuthMode, Endpoint};
use domain::name::EndpointName;
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// An endpoint's card: its state, traffic split and deployment counts.
#[component]
pub fn EndpointCard(key: EndpointKey, stage: Memo<Option<StageView>>) -> impl IntoView {
    let href = paths::endpoint(&key);
    let name = key.endpoint.to_string();
    let endpoint = Memo::new(move |last: Option<&Endpoint>| {
        let found = stage.with(|view| find(view.as_ref(), &key.endpoint));
        found.or_else(|| last.cloned()).unwrap_or_else(|| gone(&key))
    });
    let state = derive(endpoint, |endpoint| endpoint.state);
    let route = derive(endpoint, |endpoint| endpoint.route.clone());
    let badge = |(word, tone)| view! { <Badge tone word /> };
    let counts = move || endpoint.with(counts).into_iter().map(badge).collect::<Vec<_>>();
    let problem = move || endpoint.with(|endpoint| endpoint.route_problem.clone());
    view! {
        <li class="card">
            <div>
                <h3>
                    <a href=href>{name}</a>
                </h3>
                <p class="states">
                    <StateBadge state />
                    {counts}
                </p>
            </div>
            <div>
                <RouteBar endpoint route legend=true />
                {move || problem().map(|problem| view! { <p class="reason">{problem}</p> })}
            </div>
        </li>
    }
}

fn find(view: Option<&StageView>, name: &EndpointName) -> Option<Endpoint> {
    view?.endpoints.iter().find(|endpoint| endpoint.key.endpoint == *name).cloned()
}

fn gone(key: &EndpointKey) -> Endpoint {
    Endpoint {
        key: key.clone(),
        state: ProvisioningState::Unknown,
        route: Route::default(),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: Vec::new(),
    }
}

/// `3 deployments`, `1 failed`, `1 provisioning`.
fn counts(endpoint: &Endpoint) -> Vec<(String, Tone)> {
    let all = &endpoint.deployments;
    let of = |is: fn(ProvisioningState) -> bool| all.iter().filter(|d| is(d.state)).count();
    let failed = of(|s| matches!(s, ProvisioningState::Failed | ProvisioningState::Canceled));
    let busy = of(ProvisioningState::is_busy);
    let total = match all.len() {
        0 => "no deployments".to_owned(),
        1 => "1 deployment".to_owned(),
        count => format!("{count} deployments"),
    };
    let mut counts = vec![(total, Tone::Quiet)];
    if failed > 0 {
        counts.push((format!("{failed} failed"), Tone::Bad));
    }
    if busy > 0 {
        counts.push((format!("{busy} provisioning"), Tone::Busy));
    }
    counts
}
