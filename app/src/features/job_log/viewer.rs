//! The log of a job on its page: the viewer, around a page of lines that works without scripts.

use super::found::SearchResult;
use super::lines::LogLines;
use super::log::Start;
use super::pager::{Pager, after};
use super::pane::LogPane;
use crate::components::address;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths::LOG_LINES;
use crate::port::{LogPage, LogSection};
use domain::job::JobId;
use leptos::either::Either;
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
    /// The parts of the log that can be folded.
    sections: Vec<LogSection>,
    /// The line that says why the job failed.
    cause: Option<u64>,
    /// Why the log is empty, if it is.
    awaited: String,
) -> impl IntoView {
    let page = match page {
        Ok(page) => page,
        Err(error) => return Either::Left(view! { <Refusal error /> }),
    };
    let find = address::query_field("find").filter(|find| !find.is_empty());
    let from = address::query_field("from").and_then(|from| from.parse().ok());
    let result = find.clone().map(|text| view! { <SearchResult id=id.clone() text /> });
    let (size, ended) = (page.size, page.ended);
    let start = Start { id, size, ended, sections, awaited, cause, from, find };
    Either::Right(view! { {result} <Whole start page /> })
}

/// The viewer, around a page of lines.
#[component]
pub(super) fn Whole(start: Start, page: LogPage) -> impl IntoView {
    let Start { id, sections, cause, from, .. } = start.clone();
    let lines = (page.size.lines > 0).then(|| {
        let (first, after, count, ended) = (page.first, after(&page), page.size.lines, page.ended);
        view! {
            // Before the lines, whose links are the last of the page.
            <Pager id first after count ended />
            <LogLines page sections cause from />
        }
    });
    view! { <LogPane start>{lines}</LogPane> }
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
