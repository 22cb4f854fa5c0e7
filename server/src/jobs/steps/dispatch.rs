//! Dispatches the team's workflow, or runs the failed jobs of an earlier run again. If the answer was lost, or if the
//! server does not name the run, the run is looked for before anything is sent again.

use super::{Ctx, Outcome, Send};
use crate::github::actions::ActionsRun;
use crate::github::contents::Repository;
use crate::jobs::Error;
use domain::job::build::Method;
use domain::job::{Fact, Output};
use domain::timestamp::Timestamp;

/// How far GitHub's clock may be behind the console's, in milliseconds.
const CLOCK_MS: i64 = 60_000;
/// Why a folder cannot be built by a workflow.
pub(super) const NO_GITHUB: &str = "The repository is a folder on the console's machine, so GitHub cannot build it. Set \
    build: { method: registry } for this repository in the configuration.";

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let Some(repository) = ctx.reader.source().on_github() else {
        return Ok(Outcome::Fail(NO_GITHUB.to_owned()));
    };
    let Method::Workflow { file, on, inputs, rerun } = &ctx.job.build.method else {
        return Ok(Outcome::Fail("The job names no workflow. Start it again.".to_owned()));
    };
    let asked = ctx.state.started.unwrap_or(ctx.job.started);
    match rerun {
        Some(run) => look_for_attempt(ctx, repository, *run, asked).await,
        None => {
            if ctx.state.sent
                && let Some(outcome) = look_for_run(ctx, repository, file, asked).await?
            {
                return Ok(outcome);
            }
            Ok(Outcome::Send(Send::Dispatch {
                file: file.clone(),
                on: on.clone(),
                inputs: inputs.iter().cloned().collect(),
            }))
        }
    }
}

/// Looks for the run of which the answer was lost. `None`: GitHub has no such run, so the workflow may be dispatched again.
async fn look_for_run(
    ctx: &Ctx<'_>,
    repository: &Repository,
    file: &str,
    asked: Timestamp,
) -> Result<Option<Outcome>, Error> {
    let since = Timestamp(asked.0.saturating_sub(CLOCK_MS));
    let commit = Some(ctx.job.build.commit.as_str());
    let runs = repository.runs(file, since, Some("workflow_dispatch"), commit).await?;
    Ok(match runs.as_slice() {
        [run] => Some(Outcome::Done(started(run))),
        [] if ctx.was_lost() => None,
        [] => Some(Outcome::wait(
            "GitHub accepted the workflow, or its answer was lost. The console looks for the run.",
        )),
        several => Some(Outcome::Fail(format!(
            "GitHub has {} runs of {file} for this commit that started at the same time, and its answer did not say which \
             one belongs to this job. Look at them on GitHub, then start the build again if it is needed.",
            several.len()
        ))),
    })
}

/// Looks whether the failed jobs run again.
async fn look_for_attempt(
    ctx: &Ctx<'_>,
    repository: &Repository,
    id: u64,
    asked: Timestamp,
) -> Result<Outcome, Error> {
    let run = repository.run(id).await?;
    let is_newer = run.started.is_some_and(|at| at.0 >= asked.0 - CLOCK_MS);
    if ctx.state.sent && (!run.is_over() || is_newer) {
        return Ok(Outcome::Done(started(&run)));
    }
    if ctx.state.sent && !ctx.was_lost() {
        return Ok(Outcome::wait(
            "GitHub's answer was lost. The console looks for the new attempt.",
        ));
    }
    if !run.is_over() {
        return Ok(Outcome::Fail(format!(
            "The workflow run {id} has not ended, so its failed jobs cannot run again."
        )));
    }
    Ok(Outcome::Send(Send::Rerun { run: id }))
}

pub(super) fn started(run: &ActionsRun) -> Output {
    named(run.id, run.url.as_ref().map(ToString::to_string))
}

pub(super) fn named(id: u64, url: Option<String>) -> Output {
    Output {
        note: format!("GitHub started the workflow as run {id}."),
        facts: vec![Fact::Run { id: id.to_string(), url }],
        warnings: Vec::new(),
    }
}
