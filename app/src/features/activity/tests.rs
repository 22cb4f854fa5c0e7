//! What the page of activity shows.

use super::page::{Page, PageProps};
use crate::features::samples::{NOW, html, job, registry};
use crate::port::{Activity, ActivityKind, ActivityView};
use domain::job::view::Progress;

fn page(
    kind: ActivityKind,
    items: Vec<Activity>,
    older: Option<i64>,
    is_later_page: bool,
) -> String {
    let view = ActivityView { now: NOW, kind, items, older };
    html(|| Page(PageProps { view, is_later_page }))
}

#[test]
fn entries_lead_to_their_pages_and_older_ones_to_the_next_page() {
    let one = Activity::Job(Box::new(job(registry(), Progress::Waiting)));
    let shown = page(ActivityKind::Builds, vec![one], Some(7), false);
    for text in [
        "href=\"/jobs/6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab\"",
        "href=\"/stages/anet-dev/images/ml-azua-litserve-env\"",
        "href=\"/activity?show=builds&amp;before=7\"",
        "href=\"/activity?show=runs\"",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert_eq!(shown.matches("aria-current=\"page\"").count(), 2, "kind and breadcrumb: {shown}");
}

#[test]
fn an_empty_list_says_how_to_fill_it() {
    for (kind, is_later_page, text) in [
        (ActivityKind::All, false, "open an endpoint and edit its traffic, or build an image"),
        (ActivityKind::Runs, false, "No run has started yet."),
        (ActivityKind::Builds, false, "No build has started yet."),
        (ActivityKind::All, true, "There is nothing older."),
    ] {
        let shown = page(kind, Vec::new(), None, is_later_page);
        assert!(shown.contains(text), "{text} in {shown}");
    }
}
