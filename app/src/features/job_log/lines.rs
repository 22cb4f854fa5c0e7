//! A page of lines as the server renders it: numbered, with links to themselves, and folded without scripts.

use super::heads::HeadText;
use super::model::Head;
use super::model::folds::Folds;
use super::text::{LineText, kind};
use crate::paths::log_line_id;
use crate::port::{LogPage, LogSection};
use domain::job_log::line::Line;
use domain::job_log::search::Query;
use leptos::either::Either;
use leptos::prelude::*;

/// Consecutive lines of one section, or of none.
struct Part {
    head: Option<Head>,
    lines: Vec<(u64, String)>,
}

/// The lines, numbered.
#[component]
pub fn LogLines(
    page: LogPage,
    sections: Vec<LogSection>,
    /// The line that says why the job failed.
    cause: Option<u64>,
    /// The line that the address asks for.
    from: Option<u64>,
) -> impl IntoView {
    let last = page.first + (page.lines.len() as u64).saturating_sub(1);
    let label = format!("Lines {} to {last} of {}", page.first, page.size.lines);
    let show = |part: Part| {
        let rows =
            part.lines.into_iter().map(|(number, line)| view! { <LogLine number line cause /> });
        let rows = rows.collect::<Vec<_>>();
        let Some(head) = part.head else { return Either::Left(rows) };
        let is_open = head.is_open;
        Either::Right(view! {
            <details class="log-fold" open=is_open>
                <summary><HeadText head /></summary>
                {rows}
            </details>
        })
    };
    let parts = parts(page, &sections, from).into_iter().map(show).collect::<Vec<_>>();
    view! {
        <div class="log-lines" tabindex="0" role="region" aria-label=label>
            <div role="log" aria-live="off">{parts}</div>
        </div>
    }
}

/// Divides a page of lines at the edges of sections. Sections are open as in the viewer, and if the requested line is in
/// them.
fn parts(page: LogPage, sections: &[LogSection], from: Option<u64>) -> Vec<Part> {
    let LogPage { first, lines, size, ended } = page;
    let folds = Folds::new(size.lines, sections, |_| true);
    let head = |index: usize| {
        let section = sections.get(index)?;
        let is_asked = from.is_some_and(|from| folds.section_of(from) == Some(index));
        Some(Head {
            title: section.title.clone(),
            first: section.first,
            lines: folds.lines_of(index),
            failed: section.failed,
            is_written: section.last.is_none() && !ended,
            is_open: !ended || section.failed || is_asked,
        })
    };
    let mut parts: Vec<(Option<usize>, Part)> = Vec::new();
    for (number, line) in (first..).zip(lines) {
        let section = folds.section_of(number);
        match parts.last_mut() {
            Some((last, part)) if *last == section => part.lines.push((number, line)),
            _ => {
                let part = Part { head: section.and_then(head), lines: vec![(number, line)] };
                parts.push((section, part));
            }
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

#[component]
fn LogLine(number: u64, line: String, cause: Option<u64>) -> impl IntoView {
    let line = Line::parse(&line);
    let (id, kind) = (log_line_id(number), kind(&line));
    let href = format!("#{id}");
    let wrong = (cause == Some(number)).then_some("true");
    view! {
        <div class="log-line" id=id data-kind=kind data-wrong=wrong>
            <a class="log-number" href=href aria-label=format!("Line {number}")>{number}</a>
            <LineText line ranges=Vec::new() />
        </div>
    }
}

/// A line that matches a search, with a link to it.
#[component]
pub fn MatchingLine(number: u64, href: String, line: String, query: Query) -> impl IntoView {
    let line = Line::parse(&line);
    let ranges = query.ranges(&line.text(), line.text().len());
    let kind = kind(&line);
    view! {
        <li class="log-line" data-kind=kind>
            <a class="log-number" href=href aria-label=format!("Line {number}")>{number}</a>
            <LineText line ranges />
        </li>
    }
}
