//! The way to the other lines of a log, without scripts.

use crate::paths::{self, LOG_LINES};
use crate::port::LogPage;
use domain::job::JobId;
use leptos::prelude::*;

/// Links to the first, older, newer and last lines.
#[component]
pub fn Pager(
    id: JobId,
    /// The first line on this page.
    first: u64,
    /// The line after the last one on this page.
    after: u64,
    /// The number of lines in the log.
    count: u64,
    ended: bool,
) -> impl IntoView {
    let step = u64::from(LOG_LINES);
    let link =
        |words: &'static str, href: String| view! { <a class="button" href=href>{words}</a> };
    let at = |line| paths::job_log_from(&id, line);
    let has_older = first > 1;
    let has_newer = after <= count;
    let oldest = has_older.then(|| link("First lines", at(1)));
    let older = has_older.then(|| link("Older lines", at(first.saturating_sub(step).max(1))));
    let newer = has_newer.then(|| link("Newer lines", at(after)));
    let newest =
        (has_newer || !ended).then(|| link("Last lines", format!("{}#log", paths::job(&id))));
    let is_all = !has_older && newest.is_none();
    (!is_all).then(|| {
        view! { <nav class="actions" aria-label="Pages of the log">{oldest} {older} {newer} {newest}</nav> }
    })
}

/// The line after the last one on a page.
#[must_use]
pub fn after(page: &LogPage) -> u64 {
    page.first + page.lines.len() as u64
}
