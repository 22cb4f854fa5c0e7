//! One job: its steps with their logs and times.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;

use super::log::JobLog;
use super::{build, lost_runner, saved};
use crate::github::actions::model::{Conclusion, Job, Run, Status, Step, Work};
use crate::inner::Inner;

/// How long a step takes that is only played, at normal speed.
const STEP_S: f64 = 0.3;
/// The longest job on a hosted runner (docs.github.com, usage limits).
pub const JOB_MAX: Duration = Duration::from_secs(6 * 3_600);

/// Why a job did not succeed.
#[derive(Debug)]
pub enum Ended {
    /// A step failed: what its log says last.
    Failed(String),
    Cancelled,
    /// The job took longer than [`JOB_MAX`], which GitHub counts as cancelled.
    TimedOut,
    LostRunner,
    /// The emulator stops; the next start says that the runner was lost.
    Stopped,
}

/// A job in progress.
pub struct Running<'a> {
    pub inner: &'a Arc<Inner>,
    pub run: Run,
    pub id: u64,
    pub log: JobLog,
    cancel: watch::Receiver<bool>,
}

/// The job's entry on the agenda.
pub fn agenda(id: u64) -> String {
    format!("job:{id}")
}

/// Carries out a job that is marked as running, and writes how it ended.
pub async fn carry_out(inner: &Arc<Inner>, run: u64, id: u64, cancel: watch::Receiver<bool>) {
    let Some((run, job)) = inner.github.runs.get(run).zip(inner.github.runs.job(id)) else {
        return;
    };
    let job = job.1;
    let log = JobLog::open(&inner.github.runs.log_file(id), inner.clock.clone());
    let mut running = Running { inner, run, id, log, cancel };
    let outcome = match &job.work {
        Work::Unplayed(what) => running.skip(what).await,
        Work::Invalid(reason) => running.refuse(reason).await,
        Work::Build(with) => {
            let work = build::carry_out(&mut running, &job, with);
            // A panic must not leave the job running for ever.
            let caught = AssertUnwindSafe(work).catch_unwind().await;
            let broken = |_| Err(Ended::Failed("The emulator failed; see its own log.".to_owned()));
            caught.unwrap_or_else(broken).map(|()| Conclusion::Success)
        }
    };
    running.finish(outcome).await;
}

impl Running<'_> {
    async fn change<T>(&self, change: impl Fn(&mut Job) -> T) -> Result<T, Ended> {
        let change =
            || self.inner.github.runs.change(self.run.id, |run| run.job_mut(self.id).map(&change));
        saved(change).await.flatten().flatten().ok_or(Ended::Stopped)
    }

    fn now(&self) -> i64 {
        self.inner.clock.now().unix_timestamp()
    }

    /// Whether somebody has cancelled the run, or the emulator stops.
    pub fn cancelled(&self) -> watch::Receiver<bool> {
        self.cancel.clone()
    }

    /// Announces the steps of the job.
    pub async fn plan(&self, names: &[&str]) -> Result<(), Ended> {
        let steps: Vec<Step> = names.iter().map(|name| step(name)).collect();
        self.change(|job| job.steps.clone_from(&steps)).await
    }

    /// Does one of the announced steps. Its part of the log begins and ends with it.
    pub async fn step<T>(
        &self,
        at: usize,
        work: impl Future<Output = Result<T, Ended>>,
    ) -> Result<T, Ended> {
        let (now, start) = (self.now(), self.log.end());
        self.change(|job| {
            if let Some(step) = job.steps.get_mut(at) {
                (step.status, step.started_at) = (Status::InProgress, Some(now));
                step.log = (start, start);
            }
        })
        .await?;
        let outcome = match self.pause().await {
            Ok(()) => work.await,
            Err(ended) => Err(ended),
        };
        if let Err(ended) = &outcome {
            self.log_end(ended);
        }
        let (now, end) = (self.now(), self.log.end());
        let conclusion = outcome.as_ref().map_or_else(conclusion, |_| Conclusion::Success);
        if !matches!(outcome, Err(Ended::Stopped)) {
            self.change(|job| {
                if let Some(step) = job.steps.get_mut(at) {
                    step.status = Status::Completed;
                    (step.conclusion, step.completed_at) = (Some(conclusion), Some(now));
                    step.log.1 = end;
                }
            })
            .await?;
        }
        outcome
    }

    /// The time that a step takes which is only played.
    async fn pause(&self) -> Result<(), Ended> {
        self.wait(self.inner.pace.seconds(STEP_S)).await
    }

    /// Waits on the emulator's clock, unless the run is cancelled.
    pub async fn wait(&self, duration: Duration) -> Result<(), Ended> {
        let until = self.inner.clock.now() + duration;
        let mut cancel = self.cancel.clone();
        let id = agenda(self.id);
        tokio::select! {
            () = self.inner.agenda.sleep_until(&id, &self.inner.clock, until) => Ok(()),
            cancelled = cancel.wait_for(|is| *is) => Err(match cancelled {
                Ok(_) => Ended::Cancelled,
                Err(_) => Ended::Stopped,
            }),
        }
    }

    fn log_end(&self, ended: &Ended) {
        match ended {
            Ended::Failed(reason) => {
                self.log.error(reason);
                self.log.error("Process completed with exit code 1.");
            }
            Ended::Cancelled => self.log.error("The operation was canceled."),
            Ended::TimedOut => {
                self.log.error("The job has exceeded the maximum execution time of 6h0m0s");
            }
            Ended::LostRunner => self.log.error(&lost_runner(self.id)),
            Ended::Stopped => {}
        }
    }

    /// Says that the emulator does not carry out this job.
    async fn skip(&self, what: &str) -> Result<Conclusion, Ended> {
        self.log.say(&format!(
            "The emulator does not carry out {what}: it only builds images. The job counts as skipped, and jobs that \
             need it run."
        ));
        self.plan(&["Not carried out by the emulator"]).await?;
        let end = self.log.end();
        self.change(|job| job.steps[0].log = (0, end)).await?;
        Ok(Conclusion::Skipped)
    }

    async fn refuse(&self, reason: &str) -> Result<Conclusion, Ended> {
        self.plan(&["Set up job"]).await?;
        self.step(0, async { Err(Ended::Failed(reason.to_owned())) }).await
    }

    async fn finish(&self, outcome: Result<Conclusion, Ended>) {
        let conclusion = match outcome {
            Err(Ended::Stopped) => return,
            Err(ended) => conclusion(&ended),
            Ok(conclusion) => conclusion,
        };
        let now = self.now();
        // Nothing can be saved after the emulator has stopped.
        let _ = self.change(|job| job.complete(conclusion, now)).await;
    }
}

fn conclusion(ended: &Ended) -> Conclusion {
    match ended {
        Ended::Failed(_) | Ended::LostRunner => Conclusion::Failure,
        Ended::Cancelled | Ended::TimedOut | Ended::Stopped => Conclusion::Cancelled,
    }
}

fn step(name: &str) -> Step {
    Step {
        name: name.to_owned(),
        status: Status::Queued,
        conclusion: None,
        started_at: None,
        completed_at: None,
        log: (0, 0),
    }
}
