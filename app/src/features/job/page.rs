//! The page of a job.

use super::api::read_job;
use super::board::JobBoard;
use super::removed::Removed;
use super::result::Onward;
use crate::components::address;
use crate::components::crumbs::Crumbs;
use crate::components::load::loaded;
use crate::components::problem::Refused;
use crate::error::ConsoleError;
use crate::features::job_log::api::read_job_log;
use crate::features::job_log::{LogViewer, first_line_of};
use crate::features::overview::api::read_overview;
use crate::features::releases::api::read_release;
use crate::paths::{self, LOG_LINES};
use crate::port::{JobView, LogPage};
use crate::ui::section::Section;
use domain::find::Find;
use domain::job::JobId;
use domain::job::view::{Job, Progress};
use domain::release::Template;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

/// The most endpoints to which the page links for a deployment of the image.
const ENDPOINTS_MAX: usize = 5;

/// What the page shows.
struct Loaded {
    view: JobView,
    log: Result<LogPage, ConsoleError>,
    onward: Onward,
}

/// One job.
#[component]
pub fn JobPage() -> impl IntoView {
    let id = address::job();
    let from = address::query_field("from").and_then(|from| from.parse().ok());
    loaded(async move { load(id?, from).await }, |loaded| view! { <Page loaded /> })
}

async fn load(id: JobId, from: Option<u64>) -> Result<Loaded, ConsoleError> {
    let view = read_job(id.clone()).await?;
    let first = first_line_of(view.log.lines, from);
    let log = read_job_log(id, first, LOG_LINES).await;
    let onward = onward(&view.job).await;
    Ok(Loaded { view, log, onward })
}

/// Where the image can be deployed. The page works without these links, so a source that cannot be read is left out.
async fn onward(job: &Job) -> Onward {
    let mut onward = Onward::default();
    if matches!(job.progress, Progress::Failed { .. } | Progress::Cancelled { .. }) {
        return onward;
    }
    let build = &job.build;
    if let Some(id) = build.release.clone() {
        let read = read_release(id.clone(), build.commit.parse().ok()).await;
        let deploys =
            read.is_ok_and(|view| view.defined.release.template == Template::DeployRealtime);
        onward.plan = deploys.then(|| paths::plan_at_commit(&id, &build.commit));
    }
    let overview = read_overview(Find::default()).await;
    let stages = overview.map(|overview| overview.stages).unwrap_or_default();
    if let Some(view) = stages.into_iter().find(|view| view.stage.name == build.stage) {
        // With more endpoints than links, the person chooses from a list instead.
        if view.total <= ENDPOINTS_MAX {
            onward.endpoints = view.endpoints.into_iter().map(|endpoint| endpoint.key).collect();
        }
    }
    onward
}

#[component]
fn Page(loaded: Loaded) -> impl IntoView {
    let Loaded { mut view, log, onward } = loaded;
    let build = &view.job.build;
    let (title, name) = (build.title(), build.image.to_string());
    let trail = vec![
        ("Images".to_owned(), paths::IMAGES.to_owned()),
        (name.clone(), paths::image(&build.stage, &name)),
    ];
    let id = view.job.id.clone();
    let cause = view.cause.as_ref().map(|cause| cause.line);
    let progress = view.job.progress.clone();
    // The island does not show the log, whose parts can be many.
    let sections = std::mem::take(&mut view.sections);
    let (removed, lines) = (view.log_removed, view.log.lines);
    view! {
        <Title text=title />
        <Crumbs trail here="Build" />
        <Refused />
        <JobBoard view onward />
        <Section id="log" title="Log" note="Secrets are hidden.">
            {match removed {
                Some(removed) => Either::Left(view! { <Removed removed lines /> }),
                None => {
                    Either::Right(view! { <LogViewer id page=log sections cause progress /> })
                }
            }}
        </Section>
    }
}
