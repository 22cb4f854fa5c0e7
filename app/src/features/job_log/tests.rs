//! What the viewer of a log shows.

use super::viewer::{LogViewer, LogViewerProps};
use crate::error::ConsoleError;
use crate::features::samples::{html, job, registry};
use crate::port::{LogPage, LogSection};
use domain::job::view::{LogSize, Progress};

fn viewer(page: Result<LogPage, ConsoleError>, cause: Option<u64>) -> String {
    let section = LogSection {
        title: "Step 1/5 : FROM".to_owned(),
        first: 501,
        last: Some(502),
        failed: true,
    };
    let id = job(registry(), Progress::Waiting).id;
    html(|| LogViewer(LogViewerProps { id, page, sections: vec![section], cause }))
}

fn page(first: u64, lines: u64, ended: bool) -> LogPage {
    let size = LogSize { lines, bytes: 12_300 };
    let shown = (first..=lines).take(500).map(|number| format!("\u{1b}[31mline {number} <b>"));
    LogPage { first, lines: shown.collect(), size, ended }
}

#[test]
fn each_line_has_an_anchor_and_no_terminal_codes() {
    let shown = viewer(Ok(page(501, 1_200, true)), Some(502));
    assert!(shown.contains("id=\"L501\"") && shown.contains("href=\"#L501\""), "{shown}");
    assert!(shown.contains("line 501 &lt;b&gt;"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains("[31m"), "{shown}");
    assert_eq!(shown.matches("data-wrong").count(), 1);
    assert!(shown.contains("Lines 501 to 1000 of 1200"), "{shown}");
}

#[test]
fn all_lines_can_be_reached() {
    let at = "/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab";
    let middle = viewer(Ok(page(501, 1_200, true)), None);
    for href in [
        format!("{at}?from=1#log"),
        format!("{at}?from=1001#log"),
        format!("{at}#log"),
        format!("{at}?from=501#L501"),
        format!("{at}/log"),
    ] {
        assert!(middle.contains(&format!("href=\"{href}\"")), "{href} in {middle}");
    }
    let whole = viewer(Ok(page(1, 20, true)), None);
    assert!(!whole.contains("Pages of the log"), "{whole}");
    // A log that grows has a way to its newest lines.
    assert!(viewer(Ok(page(1, 20, false)), None).contains("Newest lines"));
}

#[test]
fn a_log_without_lines_and_one_that_cannot_be_read_say_so() {
    assert!(viewer(Ok(page(1, 0, false)), None).contains("Nothing has been written yet."));
    assert!(viewer(Ok(page(1, 0, true)), None).contains("This job wrote no log."));
    let error = ConsoleError::Unavailable("The database does not respond.".to_owned());
    assert!(viewer(Err(error), None).contains("The database does not respond."));
}
