//! Builds and jobs for tests of pages, and the HTML of a page.

use crate::port::ImageUse;
use domain::job::JobId;
use domain::job::build::{Build, Method};
use domain::job::view::{Job, Progress};
use domain::repository::ReleaseId;
use domain::timestamp::Timestamp;
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use std::sync::Arc;

/// When the pages are rendered.
pub const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// The commit of all builds.
pub const COMMIT: &str = "1f2e3d4c5b6a79880011223344556677889900aa";

/// The HTML that the server sends.
pub fn html<V: IntoView + 'static>(page: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| {
        provide_meta_context();
        page().into_view().to_html()
    });
    // Markers between dynamic texts.
    html.replace("<!>", "")
}

/// A time before [`NOW`].
pub fn ago(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 - seconds * 1000)
}

pub fn release() -> ReleaseId {
    ReleaseId {
        repository: "ml-azua".to_owned(),
        workflow: "deploy.yml".to_owned(),
        job: "build-dev".to_owned(),
    }
}

pub fn build(method: Method) -> Build {
    Build {
        stage: "anet-dev".parse().expect("a stage"),
        image: "ml-azua-litserve-env".parse().expect("a name"),
        description: "Serves the model".to_owned(),
        tags: "'team=data-science' 'note=a=b'".parse().expect("tags"),
        layer: "litserve".to_owned(),
        repository: "ml-azua".to_owned(),
        commit: COMMIT.to_owned(),
        subject: "Answer <faster>".to_owned(),
        committed: Some(ago(3_600)),
        reference: Some("main".parse().expect("a branch")),
        release: Some(release()),
        dockerfile: "Dockerfile".to_owned(),
        context: String::new(),
        method,
        can_deploy: false,
        deploys: None,
        repeats: None,
    }
}

pub fn registry() -> Method {
    Method::Registry { untagged: false, timeout_minutes: 60 }
}

pub fn workflow() -> Method {
    Method::Workflow {
        file: "deploy.yml".to_owned(),
        on: "main".to_owned(),
        inputs: Vec::new(),
        rerun: None,
    }
}

pub fn job(method: Method, progress: Progress) -> Job {
    let ended = (!progress.is_open()).then(|| ago(60));
    Job {
        id: JobId("6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab".to_owned()),
        build: build(method),
        by: "Dana Scott".to_owned(),
        started: ago(300),
        ended,
        progress,
    }
}

pub fn used(live: u8, mirror: u8) -> ImageUse {
    ImageUse {
        at: domain::stage::EndpointKey {
            stage: "anet-dev".parse().expect("a stage"),
            endpoint: "anet-ep-dev".parse().expect("a name"),
        },
        deployment: "anet-eedi".to_owned(),
        live,
        mirror,
        follows_latest: live > 0,
    }
}
