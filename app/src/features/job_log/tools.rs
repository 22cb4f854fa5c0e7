//! What stands above the lines: search, settings, download, and what happens to the log.

use super::copy::Marked;
use super::find::FindBox;
use super::heads::Sections;
use super::keep;
use super::log::{Log, Start};
use super::model::{Model, count_of_lines};
use super::stream::Stream;
use crate::live::{Connection, pick};
use crate::paths;
use crate::ui::size::size;
use crate::ui::typed;
use leptos::prelude::*;

/// The most bytes that the console keeps of a log, as its server does.
const LOG_BYTES_MAX: u64 = 1 << 30;

/// The settings, which style sheets read from the page: they work without scripts.
const WRAP: &str = "log-wrap";
const TIMES: &str = "log-times";

/// The tools above the lines.
#[component]
pub fn Tools(log: Log, stream: Stream, start: Start) -> impl IntoView {
    let download = log.id.with_value(paths::job_log);
    let about = pick(log.model, |model| model.size);
    let about = move || {
        let about = about.get();
        format!("{}, {}", count_of_lines(about.lines), size(about.bytes))
    };
    let is_cut = pick(log.model, |model| model.size.bytes >= LOG_BYTES_MAX);
    let cut = move || {
        is_cut.get().then_some(
            "This log is longer than 1 GiB. The console keeps its beginning; where the job runs may have the rest.",
        )
    };
    let trouble = move || match stream.connection.get() {
        Connection::Open => None,
        Connection::Lost => Some("Connection lost. Retrying…"),
        Connection::Ended => Some("Your session has ended, so new lines do not arrive."),
    };
    view! {
        <FindBox log find=start.find />
        <p class="actions">
            <Setting key=WRAP words="Wrap long lines" change=move |on| {
                log.wraps.set(on);
                log.screen.widest.set(0);
                log.change(Model::forget_heights);
            } />
            <Setting key=TIMES words="Timestamps (UTC), where the log has them" change=move |_| log.change(Model::forget_heights) />
            <a class="button" data-variant="quiet" href=download download="">"Download the log"</a>
            <span class="reason">{about}</span>
        </p>
        <Sections log />
        <Marked log />
        <p class="log-trouble" role="status">{trouble} {cut}</p>
        <p class="reason" role="status">{log.note}</p>
        <p class="unseen" role="status">{stream.said}</p>
    }
}

/// A setting that the browser remembers.
#[component]
fn Setting(
    key: &'static str,
    words: &'static str,
    /// Called in the browser, first with what is remembered.
    change: impl Fn(bool) + Copy + 'static,
) -> impl IntoView {
    let on = RwSignal::new(typed::in_checkbox(key, false));
    Effect::new(move |_| {
        let remembered = keep::setting_of(key).unwrap_or(on.get_untracked());
        on.set(remembered);
        change(remembered);
    });
    let set = move |event| {
        let is_on = event_target_checked(&event);
        on.set(is_on);
        keep::setting(key, is_on);
        change(is_on);
    };
    view! {
        <label class="choice">
            <input type="checkbox" id=key prop:checked=on on:change=set />
            {words}
        </label>
    }
}
