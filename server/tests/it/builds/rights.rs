//! Who may build.

use super::{begun, job, with_dana, with_image};
use crate::support::{LEO, VERA};

#[tokio::test]
async fn a_viewer_may_neither_build_nor_cancel_nor_archive_and_the_attempts_are_recorded() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "stuck-log-app").await;
    let id = begun(&mut dana, &page).await;
    let mut vera = console.signed_in_as(VERA).await;
    let shown = vera.get(&format!("/jobs/{id}")).await.expect(200);
    assert!(shown.attribute("#actions button[disabled]", "type").is_some(), "{}", shown.words());
    shown.says("Only these roles may build and archive images");
    let archive = "/stages/anet-prod/images/ml-azua-litserve-env/archive";
    for (path, what) in [
        (page, "build an image"),
        (format!("/jobs/{id}/cancel"), "cancel a build"),
        (format!("/jobs/{id}/repeat"), "start a build again"),
        (archive.to_owned(), "archive an image"),
    ] {
        vera.post(&path, &[("commit", "abc"), ("version", "1")]).await.expect(403);
        let denied = vera.get("/history?kind=denied").await.expect(200);
        denied.says(&format!("Not allowed: {what}"));
    }
    let mut leo = console.signed_in_as(LEO).await;
    let exported = leo.get("/history/export.jsonl").await.expect(200).text;
    let stage = "anet-prod";
    for (what, about) in [
        ("Not allowed: cancel a build", id.0.as_str()),
        ("Not allowed: start a build again", id.0.as_str()),
        ("Not allowed: archive an image", stage),
    ] {
        let line = exported.lines().find(|line| line.contains(what));
        let line = line.unwrap_or_else(|| panic!("{what}: {exported}"));
        assert!(line.contains(about), "{line}");
    }
    assert!(job(&console, &id).await.state.cancel.is_none());
}
