//! The page of a job.

use super::api::read_job;
use super::board::JobBoard;
use super::head::said;
use super::removed::Removed;
use crate::components::address;
use crate::components::ages::Ages;
use crate::components::crumbs::Crumbs;
use crate::components::live_part::LivePart;
use crate::components::load::loaded;
use crate::components::problem::Refused;
use crate::error::ConsoleError;
use crate::features::job_log::api::read_job_log;
use crate::features::job_log::{LogViewer, first_line_of, why_empty};
use crate::paths::{self, LOG_LINES};
use crate::port::{JobView, LogPage};
use crate::ui::badge::Tone;
use crate::ui::notice::Notice;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::job::JobId;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the page shows.
struct Loaded {
    view: JobView,
    log: Result<LogPage, ConsoleError>,
}

/// One job.
#[component]
pub fn JobPage() -> impl IntoView {
    let id = address::job();
    let from = address::query_field("from").and_then(|from| from.parse().ok());
    let was_open = address::query_field(paths::WAS_OPEN).is_some();
    loaded(async move { load(id?, from).await }, move |loaded| view! { <Page loaded was_open /> })
}

async fn load(id: JobId, from: Option<u64>) -> Result<Loaded, ConsoleError> {
    let view = read_job(id.clone()).await?;
    let first = first_line_of(view.log.lines, from);
    let log = read_job_log(id, first, LOG_LINES).await;
    Ok(Loaded { view, log })
}

#[component]
fn Page(
    loaded: Loaded,
    /// Whether the person wanted to start this build while it was in progress already.
    was_open: bool,
) -> impl IntoView {
    let Loaded { mut view, log } = loaded;
    let build = &view.job.build;
    let (title, name) = (build.title(), build.image.to_string());
    let trail = vec![
        ("Images".to_owned(), paths::IMAGES.to_owned()),
        (name.clone(), paths::image(&build.stage, &name)),
    ];
    let id = view.job.id.clone();
    let cause = view.cause.as_ref().map(|cause| cause.line);
    let (now, url) = (view.now, paths::events_job(&id));
    let (said, awaited) = (said(&view.job.progress), why_empty(&view.job.progress).to_owned());
    let sections = std::mem::take(&mut view.sections);
    let already = was_open.then(|| {
        let said = format!("{} started it before. No second build was started.", view.job.by);
        view! { <Notice tone=Tone::Quiet title="This build was in progress already"><p><Written text=said /></p></Notice> }
    });
    let (removed, lines) = (view.log_removed, view.log.lines);
    view! {
        <Title text=title />
        <Ages now />
        <Crumbs trail here="Build" />
        <Refused />
        {already}
        <LivePart url now said><JobBoard view /></LivePart>
        <Section id="log" title="Log" note="Secrets are hidden.">
            {match removed {
                Some(removed) => Either::Left(view! { <Removed removed lines /> }),
                None => {
                    Either::Right(view! { <LogViewer id page=log sections cause awaited /> })
                }
            }}
        </Section>
    }
}
