//! Measured traffic as charts with a shared cursor, and the numbers at the cursor.

use super::readings::Readings;
use crate::live::{derive, pick};
use crate::ui::badge::Tone;
use crate::ui::chart::{Chart, Line};
use crate::ui::notice::Notice;
use domain::endpoint::Endpoint;
use domain::name::DeploymentName;
use domain::traffic::{Minute, Traffic};
use leptos::prelude::*;

/// Reads a chart's value from a minute.
type Read = fn(&Minute) -> Option<f32>;

const CHARTS: [(&str, &str, Read); 5] = [
    ("Requests", "per minute", |minute| minute.requests),
    ("Errors", "per minute", |minute| minute.errors),
    ("Latency, median", "milliseconds", |minute| minute.p50_ms),
    ("Latency, 95th percentile", "milliseconds", |minute| minute.p95_ms),
    ("Latency, 99th percentile", "milliseconds", |minute| minute.p99_ms),
];

/// Measured traffic as charts with a shared cursor.
#[component]
pub fn Charts(endpoint: Memo<Endpoint>, traffic: RwSignal<Traffic>) -> impl IntoView {
    let cursor = RwSignal::new(None);
    let start = derive(traffic, |traffic| traffic.start);
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
