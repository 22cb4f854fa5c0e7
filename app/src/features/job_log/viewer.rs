//! The log of a job: its parts, a page of lines, and the way to the others.

use super::lines::LogLines;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths::{self, LOG_LINES};
use crate::port::{LogPage, LogSection};
use crate::ui::badge::{Badge, Tone};
use crate::ui::empty::Empty;
use crate::ui::size::size;
use crate::ui::written::Written;
use domain::job::JobId;
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// The first line to show of a log with this many lines: the requested one, but at least one line; by default the
/// first of the last [`LOG_LINES`].
#[must_use]
pub fn first_line_of(lines: u64, from: Option<u64>) -> u64 {
    let newest = lines.saturating_sub(u64::from(LOG_LINES)) + 1;
    from.map_or(newest, |from| from.clamp(1, lines.max(1)))
}

/// A job's log.
#[component]
pub fn LogViewer(
    id: JobId,
    page: Result<LogPage, ConsoleError>,
    /// The parts of the log that can be opened.
    sections: Vec<LogSection>,
    /// The line that says why the job failed.
    cause: Option<u64>,
) -> impl IntoView {
    let page = match page {
        Ok(page) => page,
        Err(error) => return EitherOf3::A(view! { <Refusal error /> }),
    };
    if page.size.lines == 0 {
        let words = match page.ended {
            true => "This job wrote no log.",
            false => "Nothing has been written yet.",
        };
        return EitherOf3::B(view! { <Empty>{words}</Empty> });
    }
    let lines = page.size.lines;
    let count = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    let about = format!("{count}, {}", size(page.size.bytes));
    EitherOf3::C(view! {
        <p class="actions">
            <a class="button" data-variant="quiet" href=paths::job_log(&id) download="">"Download the log"</a>
            <span class="reason">{about}</span>
        </p>
        <Parts id=id.clone() sections />
        // Before the lines, whose links are the last of the page.
        <Pager id page=page.clone() />
        <LogLines page cause />
    })
}

/// Links to the parts of the log.
#[component]
fn Parts(id: JobId, sections: Vec<LogSection>) -> impl IntoView {
    (!sections.is_empty()).then(|| {
        let failed = sections.iter().any(|section| section.failed);
        let item = |section: LogSection| {
            let href = paths::job_log_line(&id, section.first);
            let failed =
                section.failed.then(|| view! { " " <Badge tone=Tone::Bad word="failed" /> });
            view! { <li><a href=href><Written text=section.title /></a> {failed}</li> }
        };
        view! {
            <details class="log-parts" open=failed>
                <summary>"Parts of the log"</summary>
                <ol>{sections.into_iter().map(item).collect::<Vec<_>>()}</ol>
            </details>
        }
    })
}

/// Links to earlier and later lines.
#[component]
fn Pager(id: JobId, page: LogPage) -> impl IntoView {
    let step = u64::from(LOG_LINES);
    let after = page.first + u64::try_from(page.lines.len()).unwrap_or(u64::MAX);
    let link =
        |words: &'static str, href: String| view! { <a class="button" href=href>{words}</a> };
    let earlier = (page.first > 1).then(|| {
        link("Earlier lines", paths::job_log_from(&id, page.first.saturating_sub(step).max(1)))
    });
    let later =
        (after <= page.size.lines).then(|| link("Later lines", paths::job_log_from(&id, after)));
    let newest = (later.is_some() || !page.ended)
        .then(|| link("Newest lines", format!("{}#log", paths::job(&id))));
    let is_all = earlier.is_none() && newest.is_none();
    (!is_all).then(|| {
        view! {
            <nav class="actions" aria-label="Pages of the log">{earlier} {later} {newest}</nav>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_opens_at_its_end_or_at_the_requested_line() {
        for (lines, from, first) in [
            (0, None, 1),
            (500, None, 1),
            (501, None, 2),
            (1_234, None, 735),
            (1_234, Some(1), 1),
            (1_234, Some(0), 1),
            (1_234, Some(9_999), 1_234),
            (0, Some(7), 1),
        ] {
            assert_eq!(first_line_of(lines, from), first, "{lines} {from:?}");
        }
    }
}
