//! A row of the deployments table.

use crate::components::diagnosis::FailureWords;
use crate::components::route_bar::Part;
use crate::components::state::{Phases, StateBadge};
use crate::paths;
use crate::ui::chart::Swatch;
use crate::ui::chart::scale::short_or_gap;
use crate::ui::spark::Spark;
use crate::ui::time::Time;
use crate::ui::written::Written;
use domain::endpoint::{Deployment, Endpoint};
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::timestamp::Timestamp;
use domain::traffic::Traffic;
use leptos::prelude::*;

/// A row of the deployments table.
#[component]
pub fn Row(
    name: DeploymentName,
    endpoint: Memo<Endpoint>,
    traffic: RwSignal<Traffic>,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let href = endpoint.with_untracked(|endpoint| paths::deployment(&endpoint.key, &name));
    let shown = name.to_string();
    let name = StoredValue::new(name);
    let deployment = Memo::new(move |last: Option<&Option<Deployment>>| {
        let found = endpoint.with(|e| name.with_value(|name| e.deployment(name).cloned()));
        found.or_else(|| last.cloned().flatten())
    });
    let seat = Memo::new(move |_| {
        let is = |d: &Deployment| name.with_value(|name| d.name == *name);
        endpoint.with(|endpoint| endpoint.deployments.iter().position(is).unwrap_or(0))
    });
    let part = Signal::derive(move || endpoint.with(|e| name.with_value(|name| e.part(name))));
    let state = Signal::derive(move || {
        deployment.with(|d| d.as_ref().map_or(ProvisioningState::Unknown, |d| d.state))
    });
    let text = move |read: fn(&Deployment) -> Option<String>| {
        move || deployment.with(|d| d.as_ref().and_then(read)).unwrap_or_else(|| "–".to_owned())
    };
    view! {
        <tr>
            <th scope="row">
                <a href=href>
                    <Swatch seat />
                    {shown}
                </a>
                <small>{move || deployment.with(|d| d.as_ref().and_then(|d| d.description.clone())).map(|words| view! { <Written text=words /> })}</small>
            </th>
            <td data-label="Role">
                <Part part />
            </td>
            <td data-label="State">
                <StateBadge state />
            </td>
            <td data-label="Model">{text(|d| d.model.clone())}</td>
            <td data-label="Environment">{text(|d| d.environment.clone())}</td>
            <td data-label="Instances">{text(instances)}</td>
            <td data-label="Requests/min">
                <Requests name traffic seat />
            </td>
        </tr>
        <More deployment now />
    }
}

fn instances(deployment: &Deployment) -> Option<String> {
    let size = deployment.instance_type.as_deref()?;
    Some(deployment.instance_count.map_or_else(|| size.to_owned(), |n| format!("{n} × {size}")))
}

/// What needs more room than a cell: the provisioning phases, and the reason for a failure.
#[component]
fn More(deployment: Memo<Option<Deployment>>, now: Signal<Timestamp>) -> impl IntoView {
    let making = move || {
        deployment.with(|d| {
            let busy = d.as_ref().filter(|d| d.state.is_busy())?;
            Some((busy.phase?, busy.created))
        })
    };
    let failure = move || deployment.with(|d| d.as_ref()?.failure.clone());
    let nothing = move || making().is_none() && failure().is_none();
    let phases = move || {
        making().map(|(current, created)| {
            view! {
                <Phases current />
                {created.map(|at| view! { <small>"started " <Time at now /></small> })}
            }
        })
    };
    view! {
        <tr class="more" hidden=nothing>
            <td colspan="7">
                {phases} {move || failure().map(|failure| view! { <FailureWords failure /> })}
            </td>
        </tr>
    }
}

/// The newest minute as a number, and the last half hour as a sparkline.
#[component]
fn Requests(
    name: StoredValue<DeploymentName>,
    traffic: RwSignal<Traffic>,
    seat: Memo<usize>,
) -> impl IntoView {
    let values = Signal::derive(move || {
        traffic.with(|traffic| {
            let series = name.with_value(|name| traffic.of(name));
            series.map_or_else(Vec::new, |series| {
                // Without the current minute, whose count still grows.
                let over = series.minutes.len().saturating_sub(1);
                series.minutes[..over].iter().map(|minute| minute.requests).collect()
            })
        })
    });
    let last = move || {
        traffic.with(|traffic| {
            let series = name.with_value(|name| traffic.of(name));
            let at = traffic.newest();
            let running = traffic.minutes().saturating_sub(1);
            short_or_gap(series.and_then(|s| s.requests(at).or_else(|| s.requests(running))))
        })
    };
    view! {
        <span class="requests">
            <Spark values seat />
            <b>{last}</b>
        </span>
    }
}
