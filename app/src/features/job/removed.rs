//! In place of a log that is no longer kept.

use crate::port::LogRemoved;
use crate::ui::empty::Empty;
use leptos::prelude::*;

/// When a log with this many lines was removed, and what sets how long logs are kept.
#[component]
pub fn Removed(removed: LogRemoved, lines: u64) -> impl IntoView {
    let LogRemoved { at, kept_days } = removed;
    view! {
        <Empty>
            "The log had " {lines} " lines. The console removed it on " {at.utc()}
            ". The steps and the result stay. The console keeps logs for " {kept_days}
            " days after a job ends; " <code>"job_log_days"</code>
            " in the configuration file changes that."
        </Empty>
    }
}
