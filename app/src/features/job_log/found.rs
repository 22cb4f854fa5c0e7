//! A search's result as the server renders it: the matching lines, with links.

use super::api::{read_job_log, search_job_log};
use super::lines::MatchingLine;
use super::pane::RENDERED;
use crate::components::load::loaded;
use crate::components::problem::Refusal;
use crate::error::ConsoleError;
use crate::paths;
use crate::ui::empty::Empty;
use domain::job::JobId;
use domain::job_log::search::Query;
use leptos::either::EitherOf3;
use leptos::prelude::*;

/// Most lines whose text is shown: our own limit. The others are links only.
const TEXTS_MAX: usize = 100;
/// Matching lines that are at most this far apart are read at once: our own limit.
const REACH: u64 = 200;

/// The lines that match a search.
pub(super) struct Found {
    pub text: String,
    pub query: Query,
    pub lines: Vec<(u64, String)>,
    /// Matching lines whose text is not shown.
    pub others: Vec<u64>,
    pub more: bool,
}

/// Searches, and shows the matching lines.
#[component]
pub fn SearchResult(id: JobId, text: String) -> impl IntoView {
    let of = id.clone();
    let search = async move { Ok(search(of, text).await) };
    loaded(search, move |found| view! { <FoundLines id found /> })
}

async fn search(id: JobId, text: String) -> Result<Option<Found>, ConsoleError> {
    let Some(query) = Query::new(&text) else { return Ok(None) };
    let mut matches = search_job_log(id.clone(), text.clone()).await?;
    matches.lines.dedup();
    let others = matches.lines.split_off(matches.lines.len().min(TEXTS_MAX));
    let mut lines = Vec::new();
    for group in groups(&matches.lines) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let count = u32::try_from(last - first + 1).unwrap_or(u32::MAX);
        let page = read_job_log(id.clone(), *first, count).await?;
        let read = (page.first..).zip(page.lines);
        lines.extend(read.filter(|(number, _)| group.binary_search(number).is_ok()));
    }
    Ok(Some(Found { text, query, lines, others, more: matches.more }))
}

/// Divides lines into groups that are at most [`REACH`] lines long.
fn groups(lines: &[u64]) -> Vec<&[u64]> {
    let (mut groups, mut rest) = (Vec::new(), lines);
    while let Some(first) = rest.first() {
        let (group, after) = rest.split_at(rest.partition_point(|line| line - first < REACH));
        groups.push(group);
        rest = after;
    }
    groups
}

/// The result of a search.
#[component]
pub(super) fn FoundLines(id: JobId, found: Result<Option<Found>, ConsoleError>) -> impl IntoView {
    let found = match found {
        Ok(Some(found)) => found,
        Ok(None) => return EitherOf3::A(()),
        Err(error) => return EitherOf3::B(view! { <div class=RENDERED><Refusal error /></div> }),
    };
    let Found { text, query, lines, others, more } = found;
    let count = lines.len() + others.len();
    let title = match (count, more) {
        (0, _) => format!("No line contains “{text}”."),
        (1, false) => format!("1 line contains “{text}”."),
        (count, false) => format!("{count} lines contain “{text}”."),
        (count, true) => format!("The first {count} lines that contain “{text}”; there are more."),
    };
    let line = |(number, line): (u64, String)| {
        let href = paths::job_log_line(&id, number);
        view! { <MatchingLine number href line query=query.clone() /> }
    };
    let lines = lines.into_iter().map(line).collect::<Vec<_>>();
    let link = |number: &u64| view! { <a href=paths::job_log_line(&id, *number)>{*number}</a> " " };
    let links = others.iter().map(link).collect::<Vec<_>>();
    let others = (!others.is_empty()).then(|| view! { <p>"Further lines: " {links}</p> });
    EitherOf3::C(view! {
        <section class=format!("{RENDERED} log-found") aria-label="Search result">
            <p>{title}</p>
            {match count {
                0 => view! { <Empty>"Upper and lower case do not matter. Check the spelling."</Empty> }.into_any(),
                _ => view! { <ol class="log-lines" tabindex="0">{lines}</ol> }.into_any(),
            }}
            {others}
        </section>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_near_each_other_are_read_at_once() {
        for (lines, expected) in [
            (&[][..], &[][..]),
            (&[7], &[&[7][..]][..]),
            (&[1, 200, 201], &[&[1, 200], &[201]]),
            (&[5, 6, 1_000, 1_100, 9_999], &[&[5, 6], &[1_000, 1_100], &[9_999]]),
        ] {
            assert_eq!(groups(lines), expected, "{lines:?}");
        }
    }
}
