//! Measured traffic as tables, for screen readers and for copying.

use crate::ui::chart::scale::short_or_gap;
use crate::ui::columns::columns;
use domain::timestamp::Timestamp;
use domain::traffic::{Minute, Series, Traffic};
use leptos::prelude::*;

/// The measurements from when the page was rendered.
#[component]
pub fn TrafficTable(traffic: Traffic) -> impl IntoView {
    let start = traffic.start;
    let tables = traffic.series.into_iter().map(|series| view! { <SeriesTable series start /> });
    let tables = tables.collect::<Vec<_>>();
    (!tables.is_empty()).then(|| {
        view! {
            <details class="numbers">
                <summary>"Numbers as tables (as of page load)"</summary>
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
            {columns(["Minute (UTC)", "Requests", "Errors", "p50 ms", "p95 ms", "p99 ms"])}
            <tbody>{rows}</tbody>
        </table>
    }
}
