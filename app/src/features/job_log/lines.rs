//! The lines of a log, each with a link to itself.

use super::plain::plain;
use crate::paths::log_line_id;
use crate::port::LogPage;
use leptos::prelude::*;

/// The lines, numbered.
#[component]
pub fn LogLines(
    page: LogPage,
    /// The line that says why the job failed.
    cause: Option<u64>,
) -> impl IntoView {
    let LogPage { first, lines, size, .. } = page;
    let last = first + u64::try_from(lines.len()).unwrap_or(u64::MAX).saturating_sub(1);
    let label = format!("Lines {first} to {last} of {}", size.lines);
    let row = |(number, line): (u64, String)| {
        let id = log_line_id(number);
        let href = format!("#{id}");
        let wrong = (cause == Some(number)).then_some("true");
        view! {
            <tr id=id data-wrong=wrong>
                <th scope="row"><a href=href aria-label=format!("Line {number}")>{number}</a></th>
                <td>{plain(&line)}</td>
            </tr>
        }
    };
    let rows = (first..).zip(lines).map(row).collect::<Vec<_>>();
    view! {
        <div class="log-lines" tabindex="0" role="region" aria-label=label.clone()>
            <table>
                <caption class="unseen">{label.clone()}</caption>
                <thead class="unseen"><tr><th scope="col">"Line"</th><th scope="col">"Text"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
