//! The page of one image: its versions, and the releases that build it.

use super::api::read_image;
use super::version::Version;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::job::JobItem;
use crate::components::load::loaded;
use crate::components::page_head::PageHead;
use crate::components::problem::Refused;
use crate::paths;
use crate::port::{BuildRequest, ImageView};
use crate::ui::badge::Tone;
use crate::ui::empty::Empty;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::time::span;
use crate::ui::written::Written;
use domain::job::view::Job;
use domain::repository::ReleaseId;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// One image.
#[component]
pub fn ImagePage() -> impl IntoView {
    let at = address::image();
    let load = async {
        let (stage, name) = at?;
        read_image(stage, name).await
    };
    loaded(load, |view| view! { <Page view /> })
}

#[component]
pub(super) fn Page(view: ImageView) -> impl IntoView {
    let ImageView { now, stage, name, versions, more, usual_ms, releases, trouble, jobs } = view;
    let trail = vec![("Images".to_owned(), paths::IMAGES.to_owned())];
    let usual = usual_ms.map(|ms| format!(" A build usually takes {}.", span(ms)));
    let is_empty = versions.is_empty();
    let (at, of) = (stage.clone(), name.clone());
    let latest = versions.first().map(|newest| newest.version.clone());
    let version = move |version: crate::port::ImageVersion| {
        let is_latest = latest.as_ref() == Some(&version.version);
        view! { <Version stage=at.clone() name=of.clone() version is_latest usual_ms now /> }
    };
    let versions = versions.into_iter().map(version).collect::<Vec<_>>();
    let more = match more {
        0 => None,
        1 => Some("1 older version is not listed.".to_owned()),
        more => Some(format!("{more} older versions are not listed.")),
    };
    let trouble = trouble.map(|reason| {
        view! {
            <Notice tone=Tone::Warn title="Digests and sizes are missing"><p><Written text=reason /></p></Notice>
        }
    });
    view! {
        <Ages now />
        <PageHead title=name.clone() trail here=name>
            <p>"Azure ML environment in " <a href=paths::stage(&stage)>{stage.to_string()}</a> "." {usual}</p>
            <Builds releases />
        </PageHead>
        <Refused />
        {trouble}
        <Section id="versions" title="Versions" note="Newest first.">
            <ol class="versions">{versions}</ol>
            {is_empty.then(|| view! { <Empty>"This environment has no versions yet."</Empty> })}
            {more.map(|words| view! { <p class="reason">{words}</p> })}
        </Section>
        <Jobs jobs now />
    }
}

/// Links to the builds of this image.
#[component]
fn Builds(releases: Vec<ReleaseId>) -> impl IntoView {
    let none = releases.is_empty().then(|| {
        view! { <p class="reason">"No release in the configured repositories builds this image."</p> }
    });
    // Several would not fit beside the heading.
    let several = (releases.len() > 1).then(|| {
        let link = |release: &ReleaseId| {
            let words = format!("{} of {} in {}", release.job, release.workflow, release.repository);
            let href = paths::build(&BuildRequest::of(release.clone()));
            view! { <li><a href=href>{words}</a></li> }
        };
        let links = releases.iter().map(link).collect::<Vec<_>>();
        view! {
            <div class="ways"><p id="ways">"Build with:"</p> <ul aria-labelledby="ways">{links}</ul></div>
        }
    });
    let one = (releases.len() == 1).then(|| {
        let href = paths::build(&BuildRequest::of(releases[0].clone()));
        view! {
            <nav class="toolbar" aria-label="Actions"><a class="button" data-variant="lead" href=href>"Build"</a></nav>
        }
    });
    view! { {one} {several} {none} }
}

/// The newest jobs.
#[component]
fn Jobs(jobs: Vec<Job>, now: Timestamp) -> impl IntoView {
    let is_empty = jobs.is_empty();
    let item = move |job| view! { <JobItem job now /> };
    view! {
        <Section id="builds" title="Newest builds" note="Builds that this console started.">
            {(!is_empty).then(|| view! { <ol class="operations">{jobs.into_iter().map(item).collect::<Vec<_>>()}</ol> })}
            {is_empty.then(|| view! { <Empty>"This console has not built this image yet."</Empty> })}
        </Section>
    }
}
