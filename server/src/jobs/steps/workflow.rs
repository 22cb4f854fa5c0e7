//! Waits for the workflow run, and copies the log of each of its jobs when the job has ended, because GitHub serves none
//! before.

use super::dispatch::NO_GITHUB;
use super::{Ctx, Outcome};
use crate::github::actions::{ActionsJob, ActionsRun, PendingEnvironment};
use crate::github::contents::Repository;
use crate::jobs::Error;
use crate::jobs::log::{Copier, PIECE_BYTES_MAX};
use domain::job::{Approval, Output};
use std::time::Duration;

/// The longest pause between two reads of a run, in milliseconds. GitHub counts each one against the token's hourly limit.
const PAUSE_MS_MAX: i64 = 5_000;
/// The shortest one. The pauses grow with the run's age, so that a short run ends soon.
const PAUSE_MS_MIN: i64 = 1_000;
/// How long the log of an ended job may be missing, in milliseconds.
const LATE_LOG_MS: i64 = 2 * 60_000;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let Some(repository) = ctx.reader.source().on_github() else {
        return Ok(Outcome::Fail(NO_GITHUB.to_owned()));
    };
    let Some(id) = ctx.job.state.run().and_then(|id| id.parse::<u64>().ok()) else {
        return Ok(Outcome::Fail("The job has no workflow run. Start it again.".to_owned()));
    };
    let run = repository.run(id).await?;
    if ctx.job.state.cancel.is_some() && !run.is_over() {
        // `false`: it has just ended.
        repository.cancel(id).await?;
    }
    let jobs = repository.jobs(id).await?;
    let mut copier = Copier::open(ctx.jobs, ctx.grip, &ctx.job.id).await?;
    let mut is_whole = true;
    for job in jobs.iter().filter(|job| job.is_over()) {
        is_whole &= copy(ctx, repository, job, &mut copier).await?;
    }
    if run.is_over() && is_whole {
        return Ok(ended(&run, &jobs, &copier));
    }
    let approvals = match run.status.as_str() {
        "waiting" => approvals(repository, &run).await?,
        _ => Vec::new(),
    };
    Ok(Outcome::Wait { note: working(ctx, &run, &jobs), approvals, after: Some(pause(ctx)) })
}

/// The pause before the next read: a quarter of the step's age.
fn pause(ctx: &Ctx<'_>) -> Duration {
    let age = ctx.now.0.saturating_sub(ctx.state.started.unwrap_or(ctx.now).0);
    let pause = (age / 4).clamp(PAUSE_MS_MIN, PAUSE_MS_MAX);
    Duration::from_millis(pause.unsigned_abs())
}

/// Copies the log of an ended job. Returns whether it is complete.
async fn copy(
    ctx: &Ctx<'_>,
    repository: &Repository,
    job: &ActionsJob,
    copier: &mut Copier<'_>,
) -> Result<bool, Error> {
    let source = format!("job {}", job.id);
    if copier.is_finished(&source) {
        return Ok(true);
    }
    let outcome = job.conclusion.as_deref().unwrap_or("ended");
    let title = format!("##[group]Job {}: {outcome}", job.name);
    if outcome == "skipped" {
        copier.push_with_title(&source, &title, b"", true).await?;
        copier.finish(&source).await?;
        return Ok(true);
    }
    let Some(mut log) = repository.job_log(job.id).await? else {
        // GitHub stores the log shortly after the job's end.
        let ended = job.completed.unwrap_or(ctx.now);
        if ctx.now.0 - ended.0 <= LATE_LOG_MS {
            return Ok(false);
        }
        let missing = b"GitHub has no log of this job.\n";
        copier.push_with_title(&source, &title, missing, true).await?;
        copier.finish(&source).await?;
        return Ok(true);
    };
    // What is stored already, if the console stopped in the middle.
    let mut skip = copier.at(&source);
    let mut rest: Vec<u8> = Vec::new();
    while let Some(piece) = log.next().await? {
        let known = usize::try_from(skip).unwrap_or(usize::MAX).min(piece.len());
        skip -= u64::try_from(known).unwrap_or_default();
        rest.extend_from_slice(&piece[known..]);
        // The network's pieces are small.
        if rest.len() < PIECE_BYTES_MAX {
            continue;
        }
        let taken = copier.push_with_title(&source, &title, &rest, false).await?;
        rest.drain(..taken);
    }
    copier.push_with_title(&source, &title, &rest, true).await?;
    copier.finish(&source).await?;
    Ok(true)
}

async fn approvals(repository: &Repository, run: &ActionsRun) -> Result<Vec<Approval>, Error> {
    let pending = repository.pending(run.id).await?;
    let approval = |one: PendingEnvironment| Approval {
        environment: one.name,
        reviewers: one.reviewers,
        url: one.url.or_else(|| run.url.clone()).map(String::from).unwrap_or_default(),
    };
    Ok(pending.into_iter().map(approval).collect())
}

fn working(ctx: &Ctx<'_>, run: &ActionsRun, jobs: &[ActionsJob]) -> String {
    if let Some(by) = &ctx.job.state.cancel {
        return format!("{by} cancelled the job. GitHub stops the workflow.");
    }
    let now = jobs.iter().find(|job| job.status == "in_progress");
    let step = now.and_then(|job| job.steps.iter().find(|step| step.status == "in_progress"));
    match (run.status.as_str(), now, step) {
        ("waiting", ..) => "GitHub waits for an approval.".to_owned(),
        (_, Some(job), Some(step)) => format!("GitHub runs {}: {}.", job.name, step.name),
        (_, Some(job), None) => format!("GitHub runs {}.", job.name),
        _ if run.is_over() => "The workflow has ended. The console waits for its logs.".to_owned(),
        _ => "GitHub has queued the workflow.".to_owned(),
    }
}

fn ended(run: &ActionsRun, jobs: &[ActionsJob], copier: &Copier<'_>) -> Outcome {
    let conclusion = run.conclusion.as_deref().unwrap_or("unknown");
    if conclusion == "success" {
        let note = format!("The workflow run {} succeeded.", run.id);
        return Outcome::Done(Output { note, ..Output::default() });
    }
    let failed: Vec<_> = jobs
        .iter()
        .filter(|job| {
            job.conclusion.as_deref().is_some_and(|c| !["success", "skipped"].contains(&c))
        })
        .map(|job| job.name.as_str())
        .collect();
    let mut message = match conclusion {
        "cancelled" => format!("The workflow run {} was cancelled on GitHub.", run.id),
        "timed_out" => format!("The workflow run {} timed out on GitHub.", run.id),
        "startup_failure" => format!("GitHub could not start the workflow run {}.", run.id),
        _ => format!("The workflow run {} failed.", run.id),
    };
    if !failed.is_empty() {
        message.push_str(&format!(" Jobs that did not succeed: {}.", failed.join(", ")));
    }
    let cause = copier.digest().explainer.explanation();
    if let Some(cause) = cause.filter(|_| conclusion != "cancelled") {
        // The page shows what to do beside the line.
        message.push_str(&format!(" {} (line {})", cause.what, cause.number));
    }
    Outcome::Fail(message)
}
