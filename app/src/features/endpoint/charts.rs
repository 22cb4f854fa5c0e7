//! What was measured, as charts that share one cursor, and the numbers under it.

use super::readings::Readings;
use crate::domain::endpoint::Endpoint;
use crate::domain::name::DeploymentName;
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
    let newest = pick(traffic, Traffic::newest);
    let names = pick(endpoint, Endpoint::names);
    let trouble = pick(traffic, |traffic| traffic.trouble.clone());
    let charts = CHARTS.map(|(title, unit, read)| {
        let lines =
            Signal::derive(move || traffic.with(|t| names.with(|names| lines(t, names, read))));
        view! { <Chart title unit lines start cursor newest /> }
    });
    view! {
        {move || trouble.get().map(|trouble| view! {
            <Notice tone=Tone::Warn title="The newest values may be missing">
                <p>{trouble}</p>
            </Notice>
        })}
        <div class="charts">
            <Readings names traffic cursor />
            {charts.into_iter().collect::<Vec<_>>()}
        </div>
    }
}

fn lines(traffic: &Traffic, names: &[DeploymentName], read: Read) -> Vec<Line> {
    let line = |(seat, name): (usize, &DeploymentName)| {
        let values = traffic.of(name)?.minutes.iter().map(read).collect();
        Some(Line { name: name.to_string(), seat, values })
    };
    names.iter().enumerate().filter_map(line).collect()
}
