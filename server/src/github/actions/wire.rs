//! GitHub's JSON about workflows and their runs.

use crate::github::contents::moment;
use crate::github::error::Error;
use crate::outside::line;
use crate::redact;
use domain::text::{shortened, visible};
use domain::timestamp::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

/// Longest shown name or title, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// Most steps of a job that are kept. Source: GitHub allows 1,000.
const STEPS_MAX: usize = 1_000;

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub id: u64,
    pub name: String,
    /// `.github/workflows/build.yml`
    pub path: String,
    /// `active`, or why it is disabled.
    pub state: String,
}

/// The answer to a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dispatched {
    /// `None` if the server does not name the run: look for it in the list of runs.
    pub run: Option<u64>,
}

/// A run of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionsRun {
    pub id: u64,
    pub name: String,
    pub title: String,
    /// The workflow's file.
    pub path: String,
    pub event: String,
    pub head_branch: String,
    pub head_sha: String,
    /// `queued`, `in_progress`, `completed`, `waiting`, `requested` or `pending`.
    pub status: String,
    /// `success`, `failure`, `cancelled`, `skipped`, `timed_out`, `action_required`, `neutral`, `stale` or
    /// `startup_failure`; `None` before the end.
    pub conclusion: Option<String>,
    /// Counted from 1.
    pub attempt: u64,
    pub number: u64,
    pub actor: String,
    pub created: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// The page on GitHub.
    pub url: Option<Url>,
}

impl ActionsRun {
    /// Whether the run has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == "completed"
    }
}

/// A job of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionsJob {
    pub id: u64,
    pub name: String,
    pub status: String,
    pub conclusion: Option<String>,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    pub steps: Vec<ActionsStep>,
    /// The page on GitHub.
    pub url: Option<Url>,
}

impl ActionsJob {
    /// Whether the job has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status == "completed"
    }
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionsStep {
    pub number: u64,
    pub name: String,
    pub status: String,
    pub conclusion: Option<String>,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
}

/// An environment that must be approved before a run continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEnvironment {
    pub id: u64,
    pub name: String,
    /// Where people approve.
    pub url: Option<Url>,
    /// Names of people and teams.
    pub reviewers: Vec<String>,
    /// Whether the console's credential could approve.
    pub may_approve: bool,
}

#[derive(Deserialize)]
struct WireWorkflow {
    id: u64,
    name: Option<String>,
    path: String,
    state: Option<String>,
}

#[derive(Deserialize)]
struct WireRun {
    id: u64,
    name: Option<String>,
    display_title: Option<String>,
    path: Option<String>,
    event: String,
    head_branch: Option<String>,
    head_sha: String,
    status: Option<String>,
    conclusion: Option<String>,
    run_attempt: Option<u64>,
    run_number: Option<u64>,
    actor: Option<WireNamed>,
    created_at: Option<String>,
    run_started_at: Option<String>,
    updated_at: Option<String>,
    html_url: Option<String>,
}

/// A person has a `login`, a team a `name`.
#[derive(Deserialize)]
struct WireNamed {
    login: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct WireJob {
    id: u64,
    name: Option<String>,
    status: String,
    conclusion: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    steps: Option<Vec<WireStep>>,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct WireStep {
    number: u64,
    name: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
}

#[derive(Deserialize)]
struct WirePending {
    environment: WireEnvironment,
    current_user_can_approve: Option<bool>,
    reviewers: Option<Vec<WireReviewer>>,
}

#[derive(Deserialize)]
struct WireEnvironment {
    id: u64,
    name: String,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct WireReviewer {
    reviewer: Option<WireNamed>,
}

fn read<T: DeserializeOwned>(what: &str, body: Value) -> Result<T, Error> {
    serde_json::from_value(body).map_err(|error| Error::garbled(format!("{what}: {error}")))
}

/// A text that people wrote, redacted and safe to show.
fn text(text: Option<String>) -> String {
    shortened(&visible(&redact::text(&text.unwrap_or_default())), TEXT_CHARS_MAX)
}

/// One of GitHub's words.
fn word(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(|text| shortened(&line::field(&text), 60))
}

fn at(text: Option<String>) -> Option<Timestamp> {
    text.as_deref().and_then(moment)
}

/// A page that people may open.
fn page(text: Option<String>) -> Option<Url> {
    let url = Url::parse(&text?).ok()?;
    matches!(url.scheme(), "https" | "http").then_some(url)
}

pub(super) fn workflow(body: Value) -> Result<Workflow, Error> {
    let wire: WireWorkflow = read("a workflow", body)?;
    Ok(Workflow {
        id: wire.id,
        name: text(wire.name),
        path: text(Some(wire.path)),
        state: word(wire.state).unwrap_or_default(),
    })
}

pub(super) fn run(body: Value) -> Result<ActionsRun, Error> {
    let wire: WireRun = read("a run", body)?;
    Ok(ActionsRun {
        id: wire.id,
        name: text(wire.name),
        title: text(wire.display_title),
        path: text(wire.path),
        event: word(Some(wire.event)).unwrap_or_default(),
        head_branch: text(wire.head_branch),
        head_sha: word(Some(wire.head_sha)).unwrap_or_default(),
        status: word(wire.status).unwrap_or_default(),
        conclusion: word(wire.conclusion),
        attempt: wire.run_attempt.unwrap_or(1),
        number: wire.run_number.unwrap_or_default(),
        actor: text(wire.actor.and_then(|actor| actor.login)),
        created: at(wire.created_at),
        started: at(wire.run_started_at),
        updated: at(wire.updated_at),
        url: page(wire.html_url),
    })
}

pub(super) fn job(body: Value) -> Result<ActionsJob, Error> {
    let wire: WireJob = read("a job", body)?;
    let step = |step: WireStep| ActionsStep {
        number: step.number,
        name: text(step.name),
        status: word(step.status).unwrap_or_default(),
        conclusion: word(step.conclusion),
        started: at(step.started_at),
        completed: at(step.completed_at),
    };
    Ok(ActionsJob {
        id: wire.id,
        name: text(wire.name),
        status: word(Some(wire.status)).unwrap_or_default(),
        conclusion: word(wire.conclusion),
        started: at(wire.started_at),
        completed: at(wire.completed_at),
        steps: wire.steps.into_iter().flatten().take(STEPS_MAX).map(step).collect(),
        url: page(wire.html_url),
    })
}

pub(super) fn pending(body: Value) -> Result<PendingEnvironment, Error> {
    let wire: WirePending = read("a pending environment", body)?;
    let reviewer = |one: WireReviewer| one.reviewer.map(|one| text(one.login.or(one.name)));
    Ok(PendingEnvironment {
        id: wire.environment.id,
        name: text(Some(wire.environment.name)),
        url: page(wire.environment.html_url),
        reviewers: wire.reviewers.into_iter().flatten().filter_map(reviewer).collect(),
        may_approve: wire.current_user_can_approve.unwrap_or(false),
    })
}
