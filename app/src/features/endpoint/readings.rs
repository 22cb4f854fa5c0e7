//! The numbers of one minute: the newest complete one, or the one at the charts' cursor.

use crate::live::pick;
use crate::ui::chart::Swatch;
use crate::ui::chart::scale::short_or_gap;
use domain::name::DeploymentName;
use domain::timestamp::Timestamp;
use domain::traffic::{Minute, Traffic};
use leptos::prelude::*;

/// The numbers of one minute as a table, which is also the charts' legend, and a slider that chooses the minute.
#[component]
pub fn Readings(
    /// The endpoint's deployments, in the order of their seats.
    names: Memo<Vec<DeploymentName>>,
    traffic: RwSignal<Traffic>,
    cursor: RwSignal<Option<usize>>,
) -> impl IntoView {
    let newest = pick(traffic, Traffic::newest);
    let last = pick(traffic, |traffic| traffic.minutes().saturating_sub(1));
    let at = Memo::new(move |_| cursor.get().unwrap_or_else(|| newest.get()));
    let time = move || {
        let start = traffic.with(|traffic| traffic.start.0);
        let running = if at.get() < last.get() { "" } else { ", incomplete" };
        format!("{} UTC{running}", Timestamp(start + 60_000 * at.get() as i64).hour_minute())
    };
    let slide = move |event: web_sys::Event| cursor.set(event_target_value(&event).parse().ok());
    let rows = move || {
        let row = |(seat, name)| view! { <Reading seat name traffic at /> };
        names.get().into_iter().enumerate().map(row).collect::<Vec<_>>()
    };
    view! {
        <div class="readings">
            <table>
                <caption>"Minute " {time}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Deployment"</th>
                        <th scope="col">"Requests"</th>
                        <th scope="col">"Errors"</th>
                        <th scope="col">"p50"</th>
                        <th scope="col">"p95"</th>
                        <th scope="col">"p99"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <input type="range" class="scripted" min="0" max=last aria-label="Minute"
                prop:value=move || at.get().to_string() aria-valuetext=time
                on:input=slide on:blur=move |_| cursor.set(None) />
        </div>
    }
}

/// One deployment's numbers.
#[component]
fn Reading(
    seat: usize,
    name: DeploymentName,
    traffic: RwSignal<Traffic>,
    at: Memo<usize>,
) -> impl IntoView {
    let shown = name.to_string();
    let name = StoredValue::new(name);
    let cell = |read: fn(&Minute) -> Option<f32>| {
        let value = move |traffic: &Traffic| {
            let series = name.with_value(|name| traffic.of(name))?;
            series.minutes.get(at.get()).and_then(read)
        };
        view! { <td>{move || short_or_gap(traffic.with(value))}</td> }
    };
    view! {
        <tr>
            <th scope="row">
                <Swatch seat />
                {shown}
            </th>
            {cell(|minute| minute.requests)}
            {cell(|minute| minute.errors)}
            {cell(|minute| minute.p50_ms)}
            {cell(|minute| minute.p95_ms)}
            {cell(|minute| minute.p99_ms)}
        </tr>
    }
}
