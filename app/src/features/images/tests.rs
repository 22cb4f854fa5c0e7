//! What the pages of images show.

use super::image::{Page as ImageBody, PageProps as ImageProps};
use super::list::{Page as ListBody, PageProps as ListProps};
use crate::features::samples::{COMMIT, NOW, ago, html, job, registry, release, used};
use crate::port::{ImageSummary, ImageVersion, ImageView, ImagesView, StageImages};
use domain::job::view::Progress;

fn version(number: &str) -> ImageVersion {
    ImageVersion {
        version: number.to_owned(),
        image: Some("anetdev.azurecr.io/env@sha256:0123".to_owned()),
        description: "Serves the model".to_owned(),
        tags: vec![("team".to_owned(), "data science".to_owned())],
        digest: Some("sha256:0123".to_owned()),
        commit: Some(COMMIT.to_owned()),
        registered: Some(ago(120)),
        by: Some("Dana Scott".to_owned()),
        job: Some(job(registry(), Progress::Succeeded)),
        bytes: Some(1_234_000_000),
        took_ms: Some(240_000),
        archived: false,
        uses: Vec::new(),
        warnings: Vec::new(),
        may_not_archive: None,
    }
}

fn view(versions: Vec<ImageVersion>) -> ImageView {
    ImageView {
        now: NOW,
        stage: "anet-dev".parse().expect("a stage"),
        name: "env".to_owned(),
        versions,
        more: 0,
        usual_ms: Some(180_000),
        releases: vec![release()],
        trouble: None,
        jobs: Vec::new(),
    }
}

#[test]
fn a_version_shows_where_it_came_from_and_who_uses_it() {
    let used = ImageVersion {
        uses: vec![used(90, 0)],
        warnings: vec!["New instances pull the newest image.".to_owned()],
        may_not_archive: Some("anet-eedi uses this version.".to_owned()),
        ..version("2")
    };
    let view = view(vec![version("3"), used]);
    let shown = html(|| ImageBody(ImageProps { view }));
    for text in [
        "Version 3",
        "1f2e3d4",
        "1.2 GB, compressed",
        "4 min, usually 3 min",
        "Dana Scott",
        "sha256:0123",
        "team=data science",
        "90% live",
        "New instances pull the newest image.",
        "anet-eedi uses this version.",
        "href=\"/releases/ml-azua/deploy.yml/build-dev/build\"",
        "action=\"/stages/anet-dev/images/env/archive\"",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    // One of the two can be archived.
    assert_eq!(shown.matches("name=\"version\"").count(), 2, "{shown}");
    assert_eq!(shown.matches(" disabled").count(), 1, "{shown}");
}

#[test]
fn an_archived_version_cannot_be_archived_again() {
    let archived = ImageVersion { archived: true, ..version("3") };
    let shown = html(|| ImageBody(ImageProps { view: view(vec![archived]) }));
    assert!(shown.contains("archived"), "{shown}");
    assert!(!shown.contains("/archive\""), "{shown}");
}

#[test]
fn an_image_without_versions_or_releases_says_so() {
    let view = ImageView { releases: Vec::new(), ..view(Vec::new()) };
    let shown = html(|| ImageBody(ImageProps { view }));
    assert!(shown.contains("This environment has no versions yet."), "{shown}");
    assert!(
        shown.contains("No release in the configured repositories builds this image."),
        "{shown}"
    );
}

#[test]
fn the_list_shows_each_stage_and_what_could_not_be_read() {
    let image = ImageSummary {
        name: "env".to_owned(),
        latest: Some("3".to_owned()),
        description: String::new(),
        registered: Some(ago(120)),
        uses: 2,
        job: Some(job(registry(), Progress::Succeeded)),
    };
    let stage = |name: &str, images, trouble: Option<&str>| StageImages {
        stage: name.parse().expect("a stage"),
        trouble: trouble.map(str::to_owned),
        images,
        more: 0,
    };
    let stages = vec![
        stage("anet-dev", vec![image], None),
        stage("anet-test", Vec::new(), None),
        stage("anet-prod", Vec::new(), Some("Azure denied access.")),
    ];
    let shown = html(|| ListBody(ListProps { view: ImagesView { now: NOW, stages } }));
    for text in [
        "href=\"/stages/anet-dev/images/env\"",
        "2 deployments",
        "Succeeded",
        "This stage has no environments yet.",
        "Azure denied access.",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert_eq!(shown.matches("This stage has no environments yet.").count(), 1, "{shown}");
}
