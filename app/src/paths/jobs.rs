//! The URLs of builds, jobs and images.

use super::{at_reference, escaped, new_deployment, query, release, stage};
use crate::port::{ActivityKind, Begun, BuildRequest};
use domain::document::Form;
use domain::job::JobId;
use domain::job::form::DEPLOY;
use domain::name::StageName;
use domain::release::answers;
use domain::repository::ReleaseId;
use domain::run_book::AssetVersion;
use domain::stage::EndpointKey;

/// Runs and jobs in one list.
pub const ACTIVITY: &str = "/activity";
/// Server-sent events of the activity page, of which `?show=` names a kind.
pub const EVENTS_ACTIVITY: &str = "/events/activity";
/// The query field of a job's page that says that the build was in progress already.
pub const WAS_OPEN: &str = "same";
/// All images of all stages.
pub const IMAGES: &str = "/images";
/// The number of lines on one page of a job's log.
pub const LOG_LINES: u32 = 500;

/// Plans a release's build (GET) and starts it (POST).
#[must_use]
pub fn build_release(id: &ReleaseId) -> String {
    format!("{}/build", release(id, None))
}

/// The page of a build, with the reference and the answers as query.
#[must_use]
pub fn build(of: &BuildRequest) -> String {
    format!("{}{}", build_release(&of.release), build_query(of))
}

/// A build's document as a file: the URL of the build's page with a file extension.
#[must_use]
pub fn build_document(of: &BuildRequest, form: Form) -> String {
    format!("{}.{}{}", build_release(&of.release), form.extension(), build_query(of))
}

fn build_query(of: &BuildRequest) -> String {
    let at = of.reference.iter().map(|at| ("ref".to_owned(), at.to_string()));
    let answer =
        |(key, text): &(String, String)| (format!("{}{key}", answers::PREFIX), text.clone());
    let deploy = of.deploy.then(|| (DEPLOY.to_owned(), "true".to_owned()));
    query(&at.chain(of.answers.iter().map(answer)).chain(deploy).collect::<Vec<_>>())
}

/// A release's plan at a commit.
#[must_use]
pub fn plan_at_commit(id: &ReleaseId, commit: &str) -> String {
    format!("{}{}", super::plan_release(id), at_reference(commit.parse().ok().as_ref()))
}

/// A job's page.
#[must_use]
pub fn job(id: &JobId) -> String {
    format!("/jobs/{id}")
}

/// The page of a job that a person just started; it says so if the job was in progress already.
#[must_use]
pub fn begun(begun: &Begun) -> String {
    let page = job(&begun.job);
    if begun.was_open { format!("{page}?{WAS_OPEN}=true") } else { page }
}

/// Cancels a job (POST).
#[must_use]
pub fn cancel_job(id: &JobId) -> String {
    format!("{}/cancel", job(id))
}

/// Starts an ended job again (POST).
#[must_use]
pub fn repeat_job(id: &JobId) -> String {
    format!("{}/repeat", job(id))
}

/// A job's whole log as a text file.
#[must_use]
pub fn job_log(id: &JobId) -> String {
    format!("{}/log", job(id))
}

/// A job's page with its log from a line on. Line numbers count from 1.
#[must_use]
pub fn job_log_from(id: &JobId, line: u64) -> String {
    format!("{}?from={line}#log", job(id))
}

/// A line of a job's log, on the page of the log that contains it. Line numbers count from 1.
#[must_use]
pub fn job_log_line(id: &JobId, line: u64) -> String {
    let lines = u64::from(LOG_LINES);
    let from = line.saturating_sub(1) / lines * lines + 1;
    format!("{}?from={from}#{}", job(id), log_line_id(line))
}

/// The element id of a line of a job's log.
#[must_use]
pub fn log_line_id(line: u64) -> String {
    format!("L{line}")
}

/// Server-sent events of a job.
#[must_use]
pub fn events_job(id: &JobId) -> String {
    format!("/events/jobs/{id}")
}

/// The activity of a kind that started before a time, in milliseconds since 1970.
#[must_use]
pub fn activity(kind: ActivityKind, before: Option<i64>) -> String {
    let mut fields = shown(kind);
    fields.extend(before.map(|before| ("before", before.to_string())));
    format!("{ACTIVITY}{}", query(&fields))
}

/// The kind that the query's `show` names; `None` if there is no such kind.
#[must_use]
pub fn activity_kind(show: Option<&str>) -> Option<ActivityKind> {
    match show {
        None | Some("") => Some(ActivityKind::All),
        Some("runs") => Some(ActivityKind::Runs),
        Some("builds") => Some(ActivityKind::Builds),
        Some(_) => None,
    }
}

/// Server-sent events of the activity page.
#[must_use]
pub fn events_activity(kind: ActivityKind) -> String {
    format!("{EVENTS_ACTIVITY}{}", query(&shown(kind)))
}

fn shown(kind: ActivityKind) -> Vec<(&'static str, String)> {
    let kind = match kind {
        ActivityKind::All => return Vec::new(),
        ActivityKind::Runs => "runs",
        ActivityKind::Builds => "builds",
    };
    vec![("show", kind.to_owned())]
}

/// The page of an image: an environment and its versions.
#[must_use]
pub fn image(at: &StageName, name: &str) -> String {
    format!("{}/images/{}", stage(at), escaped(name))
}

/// Archives a version of an image (POST).
#[must_use]
pub fn archive_image(at: &StageName, name: &str) -> String {
    format!("{}/archive", image(at, name))
}

/// The page for a new deployment, prefilled with a deployment that uses this environment version.
#[must_use]
pub fn deploy_image(at: &EndpointKey, version: &AssetVersion) -> String {
    format!("{}{}", new_deployment(at), query(&[("environment", version.to_string())]))
}

/// Server-sent events with the lines of a job's log after a line. Line numbers count from 1.
#[must_use]
pub fn events_job_log(id: &JobId, after: u64) -> String {
    format!("{}/log?after={after}", events_job(id))
}
