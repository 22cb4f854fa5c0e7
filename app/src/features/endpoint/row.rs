//! One deployment in the table.

use crate::domain::endpoint::{Deployment, Endpoint};
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::Traffic;
use crate::features::route::Part;
use crate::features::state::{Phases, StateBadge};
use crate::paths;
use crate::ui::chart::Swatch;
use crate::ui::chart::scale::short_or_gap;
use crate::ui::spark::Spark;
use crate::ui::time::Time;
use leptos::prelude::*;

/// One deployment in the table.
#[component]
pub fn Row(
    /// Which.
    name: DeploymentName,
    /// Its endpoint as it is now.
    endpoint: Memo<Endpoint>,
    /// What was measured.
    traffic: RwSignal<Traffic>,
    /// The clock against which ages are told.
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
                <small>{move || deployment.with(|d| d.as_ref().and_then(|d| d.description.clone()))}</small>
            </th>
            <td data-label="Part">
                <Part part />
            </td>
            <td data-label="State">
                <State deployment now />
            </td>
            <td data-label="Model">{text(|d| d.model.clone())}</td>
            <td data-label="Environment">{text(|d| d.environment.clone())}</td>
            <td data-label="Instances">{text(instances)}</td>
            <td data-label="Requests/min">
                <Requests name traffic seat />
            </td>
        </tr>
    }
}

fn instances(deployment: &Deployment) -> Option<String> {
    let size = deployment.instance_type.as_deref()?;
    Some(deployment.instance_count.map_or_else(|| size.to_owned(), |n| format!("{n} × {size}")))
}

/// The state, the phases while it is being made, and why it failed.
#[component]
fn State(deployment: Memo<Option<Deployment>>, now: Signal<Timestamp>) -> impl IntoView {
    use crate::domain::provisioning::ProvisioningState;
    let state = Signal::derive(move || {
        deployment.with(|d| d.as_ref().map_or(ProvisioningState::Unknown, |d| d.state))
    });
    let making = Memo::new(move |_| {
        deployment.with(|d| d.as_ref().filter(|d| d.state.is_busy()).map(|d| (d.phase, d.created)))
    });
    let failure = move || deployment.with(|d| d.as_ref().and_then(|d| d.failure.clone()));
    view! {
        <StateBadge state />
        {move || making.get().map(|(phase, created)| view! {
            {created.map(|at| view! { <small>"created " <Time at now /></small> })}
            {phase.map(|current| view! { <Phases current /> })}
        })}
        {move || failure().map(|failure| view! { <small class="failure">{failure}</small> })}
    }
}

/// The last minute in a number, the last half hour in a line.
#[component]
fn Requests(
    name: StoredValue<DeploymentName>,
    traffic: RwSignal<Traffic>,
    seat: Memo<usize>,
) -> impl IntoView {
    let values = Memo::new(move |_| {
        traffic.with(|traffic| {
            let mut all = traffic.series.iter();
            let series = all.find(|series| name.with_value(|name| series.deployment == *name));
            series
                .map_or_else(Vec::new, |series| series.minutes.iter().map(|m| m.requests).collect())
        })
    });
    let last =
        move || values.with(|values| short_or_gap(values.iter().rev().flatten().next().copied()));
    view! {
        <span class="requests">
            <Spark values seat />
            <b>{last}</b>
        </span>
    }
}
