//! The beginning and the end of a run; [`super::job`] has what is between. Each change of the status is in the state
//! before anybody can read it.

use std::sync::Arc;
use std::time::Duration;

use images::Digest;
use time::OffsetDateTime;

use super::job::{End, Job};
use super::runs::{LOGS, log_name};
use super::steps::Steps;
use super::writing::{keep, key};
use crate::builds::kept::{Run, RunStatus};
use crate::builds::log::RunLog;
use crate::inner::Inner;
use crate::when;

/// Ends the runs whose agents the end of the last emulator took away, and starts those that had none yet.
pub fn resume(inner: &Arc<Inner>) {
    let open: Vec<Run> = inner.store.read(|state| {
        state.registry.runs.values().filter(|run| !run.status.is_over()).cloned().collect()
    });
    for run in open {
        if run.status == RunStatus::Queued {
            spawn(inner, run.number);
            continue;
        }
        let inner = Arc::clone(inner);
        inner.agenda.enter(&key(run.number));
        tokio::spawn(async move {
            let end = match run.is_cancelled {
                true => End::Canceled,
                false => End::lost(),
            };
            match open_log(&inner, &run) {
                Ok(log) => conclude(&inner, &run, &log, Err(end)).await,
                Err(error) => without_log(&inner, &run, &error).await,
            }
            inner.agenda.leave(&key(run.number));
        });
    }
}

/// Starts a run.
pub fn spawn(inner: &Arc<Inner>, number: u64) {
    inner.agenda.enter(&key(number));
    let cancel = inner.running.enter(number);
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let run = inner.store.read(|state| state.registry.runs.get(&number).cloned());
        if let Some(run) = run {
            match open_log(&inner, &run) {
                Ok(log) => {
                    let log = Arc::new(log);
                    let job = Job { inner: &inner, run: &run, log: Arc::clone(&log), cancel };
                    let outcome = job.done().await;
                    conclude(&inner, &run, &log, outcome).await;
                }
                Err(error) => without_log(&inner, &run, &error).await,
            }
        }
        inner.running.leave(number);
        inner.agenda.leave(&key(number));
    });
}

fn open_log(inner: &Inner, run: &Run) -> std::io::Result<RunLog> {
    let name = inner.store.read(|state| log_name(&state.registry.name, &run.id()));
    let path = inner.blobs.path(LOGS, &name);
    let path = path.ok_or_else(|| std::io::Error::other("the log's name is not valid"))?;
    let secrets = run.order.arguments.iter().filter(|argument| argument.is_secret);
    RunLog::open(&inner.blobs, path, secrets.map(|argument| argument.value.as_str()))
}

/// Nothing can be built without a log.
async fn without_log(inner: &Inner, run: &Run, error: &std::io::Error) {
    tracing::error!(%error, run = run.number, "cannot open a build's log");
    let now = when::arm(inner.clock.now());
    let kept = keep(inner, run.number, |run| {
        run.status = RunStatus::Error;
        run.error = Some("the log of the run cannot be written".to_owned());
        run.ended_at = Some(now.clone());
        run.order.arguments.clear();
    });
    // A stopped emulator keeps nothing; the next one ends the run.
    let _ = kept.await;
}

fn since(inner: &Inner, moment: Option<OffsetDateTime>) -> Duration {
    let passed = moment.map(|moment| inner.clock.now() - moment);
    passed.and_then(|passed| Duration::try_from(passed).ok()).unwrap_or_default()
}

/// Writes the end of a run: first into the log, then into the state, so that who sees the end can read all of the
/// log.
async fn conclude(inner: &Inner, run: &Run, log: &RunLog, outcome: Result<Digest, End>) {
    let (status, error) = match &outcome {
        Ok(_) => (RunStatus::Succeeded, None),
        Err(End::Failed(text)) => (RunStatus::Failed, Some(text.clone())),
        Err(End::Lost(text)) => (RunStatus::Error, Some(text.clone())),
        Err(End::Canceled) => (RunStatus::Canceled, None),
        Err(End::TimedOut) => {
            let text = format!("the run exceeded its timeout of {} seconds", run.order.timeout_s);
            (RunStatus::Timeout, Some(text))
        }
        Err(End::Stopped) => return,
    };
    let steps = Steps { inner, run, log };
    steps.end(status, error.as_deref(), since(inner, when::parse(&run.created_at)));
    log.complete(&inner.blobs, status.log_word());
    let now = when::arm(inner.clock.now());
    let is_pushed = run.order.is_push_enabled && !run.images.is_empty();
    let digest = outcome.ok().filter(|_| is_pushed).map(|digest| digest.to_string());
    let kept = keep(inner, run.number, |run| {
        run.status = status;
        run.error.clone_from(&error);
        run.digest.clone_from(&digest);
        run.ended_at = Some(now.clone());
        run.order.arguments.clear();
    });
    // A stopped emulator keeps nothing; the next one ends the run.
    let _ = kept.await;
}
