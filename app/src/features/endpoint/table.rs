//! What was measured, as a table: for people who do not see the charts, and for copying.

use crate::domain::timestamp::Timestamp;
use crate::domain::traffic::{Minute, Series, Traffic};
use crate::ui::chart::scale::short_or_gap;
use leptos::prelude::*;

/// The measurements with which the page was rendered.
#[component]
pub fn TrafficTable(
    /// The measurements.
    traffic: Traffic,
) -> impl IntoView {
    let start = traffic.start;
    let tables = traffic.series.into_iter().map(|series| view! { <SeriesTable series start /> });
    let tables = tables.collect::<Vec<_>>();
    (!tables.is_empty()).then(|| {
        view! {
            <details class="numbers">
                <summary>"The numbers as tables, as of this page's loading"</summary>
                {tables}
            </details>
        }
    })
}

#[component]
fn SeriesTable(series: Series, start: Timestamp) -> impl IntoView {
    let time = move |index: usize| Timestamp(start.0 + 60_000 * index as i64).hour_minute();
    let row = |(index, minute): (usize, Minute)| {
        let cells = [minute.requests, minute.errors, minute.p50_ms, minute.p95_ms, minute.p99_ms];
        let cells = cells.map(|value| view! { <td>{short_or_gap(value)}</td> });
        view! {
            <tr>
                <th scope="row">{time(index)}</th>
                {cells.into_iter().collect::<Vec<_>>()}
            </tr>
        }
    };
    let rows = series.minutes.into_iter().enumerate().map(row).collect::<Vec<_>>();
    view! {
        <table>
            <caption>{series.deployment.to_string()}</caption>
            <thead>
                <tr>
                    <th scope="col">"Minute (UTC)"</th>
                    <th scope="col">"Requests"</th>
                    <th scope="col">"Errors"</th>
                    <th scope="col">"p50 ms"</th>
                    <th scope="col">"p95 ms"</th>
                    <th scope="col">"p99 ms"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
