//! GitHub's hosted runners: carries out the runs that [`crate::github`] has saved.
//!
//! A job that calls the templates' `build.yml` really builds: it checks out the commit, builds the Dockerfile's target,
//! stores the image, and registers a version of the Azure ML environment. Any other job ends as `skipped`, with a line
//! in its log that says so, and stops no job that needs it. Nothing of a workflow's own commands is ever run.
//!
//! # Failures by name
//!
//! `ml_env_name` decides: `stuck-run…` never ends its build, `fail-run…` fails in it, `fail-push…` is denied by the
//! registry, and `lost-runner…` loses its runner.

mod build;
mod checkout;
mod inputs;
mod job;
mod log;
mod played;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::github::actions::plan;
use crate::github::actions::runs::Signals;
use crate::inner::Inner;
use crate::store::Unkept;
use crate::when;
use log::JobLog;

/// How long the runner waits before it tries again to save something.
const RETRY: Duration = Duration::from_secs(1);

/// Continues the runs of an earlier start, and starts those that are dispatched from now on.
pub fn start(inner: &Arc<Inner>) -> Result<(), Unkept> {
    let Some(mut queued) = inner.github.runs.queued() else { return Ok(()) };
    let now = inner.clock.now();
    // The log first, because who sees that a job has ended can read all of its log.
    for job in inner.github.runs.running() {
        let log = JobLog::open(&inner.github.runs.log_file(job), inner.clock.clone());
        log.error(&lost_runner(job));
    }
    let open = inner.github.runs.recover(now.unix_timestamp())?;
    for run in open {
        inner.github.runs.enqueue(run);
    }
    let inner = Arc::downgrade(inner);
    tokio::spawn(async move {
        while let Some(run) = queued.recv().await {
            // The emulator has stopped if it is gone.
            let Some(inner) = inner.upgrade() else { return };
            inner.agenda.enter(&agenda(run));
            tokio::spawn(async move {
                if let Some(signals) = inner.github.runs.signals(run) {
                    drive(&inner, run, &signals).await;
                    inner.github.runs.retire(run, &signals);
                }
                inner.agenda.leave(&agenda(run));
            });
        }
    });
    Ok(())
}

fn agenda(run: u64) -> String {
    format!("run:{run}")
}

/// What GitHub shows for a job whose runner is gone.
fn lost_runner(job: u64) -> String {
    format!(
        "The hosted runner: GitHub Actions {job} lost communication with the server. Anything in your workflow that \
         terminates the runner process, starves it for CPU/Memory, or blocks its network access can cause this error."
    )
}

/// Carries out one run until it is over, or until the emulator stops.
async fn drive(inner: &Arc<Inner>, run: u64, signals: &Signals) {
    let mut changed = signals.changed.clone();
    let mut jobs = JoinSet::new();
    loop {
        changed.mark_unchanged();
        let next = saved(|| {
            let (repository, environments) =
                (inner.github.repository_name(), inner.github.environments());
            let now = inner.clock.now().unix_timestamp();
            inner.github.runs.change(run, |run| plan::advance(run, &repository, &environments, now))
        });
        let Some(Some(next)) = next.await else { return };
        for id in next.start {
            let (inner, cancel) = (Arc::clone(inner), signals.cancel.clone());
            inner.agenda.enter(&job::agenda(id));
            jobs.spawn(async move {
                job::carry_out(&inner, run, id, cancel).await;
                inner.agenda.leave(&job::agenda(id));
            });
        }
        if next.is_over {
            return;
        }
        let wait = async {
            tokio::select! {
                Some(_) = jobs.join_next() => true,
                changed = changed.changed() => changed.is_ok(),
            }
        };
        // A job is on the agenda itself, and an approval does not follow the clock.
        if !inner.agenda.elsewhere(&agenda(run), wait).await {
            return;
        }
    }
}

/// Saves a change as soon as possible; `None` if the emulator has stopped.
async fn saved<T>(mut change: impl FnMut() -> Result<T, Unkept>) -> Option<T> {
    let mut is_logged = false;
    loop {
        match change() {
            Ok(outcome) => return Some(outcome),
            Err(Unkept::Stopped) => return None,
            Err(unkept) if !is_logged => {
                tracing::error!(%unkept, "cannot save a change of a run; it is retried");
                is_logged = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// A time as logs of GitHub Actions begin with it.
fn stamp(moment: time::OffsetDateTime) -> String {
    when::arm(moment).replace("+00:00", "Z")
}
