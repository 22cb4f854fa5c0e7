//! What was measured, as charts that share one cursor.

use crate::domain::endpoint::Endpoint;
use crate::domain::name::DeploymentName;
use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::{Minute, Traffic};
use crate::live::pick;
use crate::ui::badge::Tone;
use crate::ui::chart::{Chart, Line};
use crate::ui::notice::Notice;
use leptos::prelude::*;

/// What a chart shows of a minute.
type Read = fn(&Minute) -> Option<f32>;

const CHARTS: [(&str, &str, Read); 5] = [
    ("Requests", "per minute", |minute| minute.requests),
    ("Errors", "per minute", |minute| minute.errors),
    ("Latency, median", "milliseconds", |minute| minute.p50_ms),
    ("Latency, 95th percentile", "milliseconds", |minute| minute.p95_ms),
    ("Latency, 99th percentile", "milliseconds", |minute| minute.p99_ms),
];

/// What was measured, as charts that share one cursor.
#[component]
pub fn Charts(
    /// The endpoint.
    endpoint: Memo<Endpoint>,
    /// What was measured.
    traffic: RwSignal<Traffic>,
) -> impl IntoView {
    let cursor = RwSignal::new(None);
    let start = pick(traffic, |traffic| traffic.start);
    let names = pick(endpoint, Endpoint::names);
    let trouble = pick(traffic, |traffic| traffic.trouble.clone());
    let charts = CHARTS.map(|(title, unit, read)| {
        let lines = Memo::new(move |_| traffic.with(|t| names.with(|names| lines(t, names, read))));
        view! { <Chart title unit lines start cursor /> }
    });
    view! {
        {move || trouble.get().map(|trouble| view! {
            <Notice tone=Tone::Warn title="The newest values may be missing">
                <p>{trouble}</p>
            </Notice>
        })}
        <Scrubber traffic start cursor />
        <div class="charts">{charts.into_iter().collect::<Vec<_>>()}</div>
    }
}

fn longest(traffic: &Traffic) -> usize {
    traffic.series.iter().map(|series| series.minutes.len()).max().unwrap_or(1)
}

fn lines(traffic: &Traffic, names: &[DeploymentName], read: Read) -> Vec<Line> {
    let line = |(seat, name): (usize, &DeploymentName)| {
        let series = traffic.series.iter().find(|series| series.deployment == *name)?;
        let values = series.minutes.iter().map(read).collect();
        Some(Line { name: name.to_string(), seat, values })
    };
    names.iter().enumerate().filter_map(line).collect()
}

/// The cursor for keyboard and touch: which minute the values beside the names are of.
#[component]
fn Scrubber(
    traffic: RwSignal<Traffic>,
    #[prop(into)] start: Signal<Timestamp>,
    cursor: RwSignal<Option<usize>>,
) -> impl IntoView {
    let count = pick(traffic, longest);
    let last = move || count.get().saturating_sub(1);
    let at = Memo::new(move |_| cursor.get().unwrap_or_else(last));
    let time = move || Timestamp(start.get().0 + 60_000 * at.get() as i64).hour_minute();
    let spoken = move || format!("{} UTC", time());
    let slide = move |event: web_sys::Event| cursor.set(event_target_value(&event).parse().ok());
    view! {
        <p class="scrubber scripted">
            <label for="minute">"Values at "<b>{time}</b>" UTC"</label>
            <input type="range" id="minute" min="0" max=last prop:value=move || at.get().to_string()
                aria-valuetext=spoken on:input=slide on:blur=move |_| cursor.set(None) />
        </p>
    }
}
