//! What the server renders of a log.

use super::found::{Found, FoundLines, FoundLinesProps};
use super::log::Start;
use super::viewer::{Whole, WholeProps};
use crate::features::samples::html;
use crate::port::{LogPage, LogSection};
use domain::job::JobId;
use domain::job::view::{LogSize, Progress};
use domain::job_log::search::Query;

fn id() -> JobId {
    JobId("6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab".to_owned())
}

fn section(first: u64, last: u64, failed: bool) -> LogSection {
    LogSection { title: format!("Step at {first} <b>"), first, last: Some(last), failed }
}

fn start(lines: u64, ended: bool) -> Start {
    Start {
        id: id(),
        size: LogSize { lines, bytes: 12_300 },
        ended,
        sections: vec![section(501, 600, false), section(601, 700, true)],
        awaited: String::new(),
        cause: Some(602),
        from: None,
        find: None,
    }
}

fn shown(first: u64, start: Start) -> String {
    let line = |number| format!("2026-11-23T09:47:12.5Z \u{1b}[31mline {number} <b>");
    let lines = (first..=start.size.lines).take(500).map(line).collect();
    let page = LogPage { first, lines, size: start.size, ended: start.ended };
    html(|| Whole(WholeProps { start, page }))
}

#[test]
fn each_line_has_a_number_that_links_to_it_and_colours_as_classes() {
    let shown = shown(501, start(1_200, true));
    for text in [
        "id=\"L501\"",
        "href=\"#L501\"",
        "<span class=\"colour-red\">line 501 &lt;b&gt;</span>",
        "<time datetime=\"2026-11-23T09:47:12Z\" class=\"log-time\">09:47:12</time>",
        "Lines 501 to 1000 of 1200",
        "1200 lines, 12 kB",
        "href=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab/log\"",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(!shown.contains('\u{1b}') && !shown.contains("[31m"), "{shown}");
    assert_eq!(shown.matches("data-wrong").count(), 1);
}

#[test]
fn an_ended_log_shows_the_lines_of_failed_sections_and_folds_the_others() {
    let closed = "<details class=\"log-fold\"><summary>";
    let open = "<details open class=\"log-fold\"><summary>";
    let count = |html: &str| {
        (
            html.matches(closed).count(),
            html.matches(open).count() + html.matches("class=\"log-fold\" open").count(),
        )
    };
    let ended = shown(501, start(1_200, true));
    assert_eq!(count(&ended), (1, 1), "{ended}");
    assert!(ended.contains("Step at 601 &lt;b&gt;") && ended.contains("Failed"), "{ended}");
    assert_eq!(count(&shown(501, start(1_200, false))), (0, 2));
    let asked = Start { from: Some(550), ..start(1_200, true) };
    assert_eq!(count(&shown(501, asked)), (0, 2), "the requested line is in the first section");
}

#[test]
fn all_lines_can_be_reached_without_scripts() {
    let at = "/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab";
    let middle = shown(601, start(1_200, true));
    for (words, href) in [
        ("First lines", format!("{at}?from=1#log")),
        ("Older lines", format!("{at}?from=101#log")),
        ("Newer lines", format!("{at}?from=1101#log")),
        ("Last lines", format!("{at}#log")),
    ] {
        assert!(
            middle.contains(&format!("href=\"{href}\" class=\"button\">{words}")),
            "{words} in {middle}"
        );
    }
    assert!(middle.contains(&format!("href=\"{at}?from=501#L501\"")), "a section in {middle}");
    let whole = shown(1, start(20, true));
    assert!(!whole.contains("Pages of the log"), "{whole}");
    assert!(shown(1, start(20, false)).contains("Last lines"), "the log grows");
}

#[test]
fn an_empty_log_says_why() {
    for (progress, words) in [
        (Progress::Waiting, "The build is queued."),
        (Progress::Succeeded, "This build wrote no log."),
    ] {
        let start = Start { awaited: why_empty(&progress).to_owned(), ..start(0, true) };
        let shown = shown(1, start);
        assert!(shown.contains(words), "{words} in {shown}");
        assert!(!shown.contains("log-line\""), "{shown}");
    }
}

#[test]
fn a_search_without_scripts_lists_the_matching_lines_with_links() {
    let found = |lines: Vec<(u64, String)>, others, more| {
        let query = Query::new("line").expect("a query");
        let found = Found { text: "line".to_owned(), query, lines, others, more };
        html(|| FoundLines(FoundLinesProps { id: id(), found: Ok(Some(found)) }))
    };
    let shown = found(vec![(1_234, "a Line <b>".to_owned())], vec![2_000], true);
    for text in [
        "The first 2 lines that contain “line”; there are more.",
        "href=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab?from=1001#L1234\"",
        ">Line</mark>",
        "&lt;b&gt;",
        "?from=1501#L2000",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert!(found(vec![], vec![], false).contains("No line contains “line”."));
}
