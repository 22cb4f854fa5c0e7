//! All runs, saved at every change, and the signals between requests and runners.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use super::model::{AllRuns, Cancel, Conclusion, Job, Run, Status};
use crate::github::disk::Disk;
use crate::store::Unkept;

const FILE: &str = "runs.json";
/// The highest number of stored runs; the oldest completed ones go first. GitHub keeps runs for 90 days.
const RUNS_MAX: usize = 500;

/// The runs of the repository.
#[derive(Debug)]
pub struct Runs {
    all: Mutex<AllRuns>,
    disk: Arc<Disk>,
    logs: PathBuf,
    /// Signals to the runners of runs that are not over.
    live: Mutex<HashMap<u64, Live>>,
    executions: AtomicU64,
    queue: mpsc::UnboundedSender<u64>,
    /// Taken by the runner.
    queued: Mutex<Option<mpsc::UnboundedReceiver<u64>>>,
}

#[derive(Debug)]
struct Live {
    /// Tells this execution from a later one of the same run.
    execution: u64,
    cancel: watch::Sender<bool>,
    changed: watch::Sender<()>,
}

/// What the runner of one run listens to.
#[derive(Clone, Debug)]
pub struct Signals {
    execution: u64,
    /// `true` when the run is cancelled; its sender is dropped when the emulator stops.
    pub cancel: watch::Receiver<bool>,
    /// Changes when a request has changed the run.
    pub changed: watch::Receiver<()>,
}

impl Runs {
    /// Reads the runs of an earlier start. Their logs are in `logs`.
    pub fn open(disk: Arc<Disk>, logs: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&logs)?;
        let all = disk.read(FILE)?.unwrap_or_default();
        let (queue, queued) = mpsc::unbounded_channel();
        Ok(Self {
            all: Mutex::new(all),
            disk,
            logs,
            live: Mutex::default(),
            executions: AtomicU64::new(0),
            queue,
            queued: Mutex::new(Some(queued)),
        })
    }

    /// Ids of runs to start or to continue. Only the first caller gets them.
    pub fn queued(&self) -> Option<mpsc::UnboundedReceiver<u64>> {
        self.queued.lock().take()
    }

    /// Reads all runs.
    pub fn read<T>(&self, look: impl FnOnce(&AllRuns) -> T) -> T {
        look(&self.all.lock())
    }

    /// Reads one run.
    pub fn get(&self, id: u64) -> Option<Run> {
        self.read(|all| all.runs.iter().find(|run| run.id == id).cloned())
    }

    /// The run of a job, and the job.
    pub fn job(&self, id: u64) -> Option<(Run, Job)> {
        self.read(|all| {
            let find = |run: &Run| {
                let job = run.jobs.iter().find(|job| job.id == id)?;
                Some((run.clone(), job.clone()))
            };
            all.runs.iter().find_map(find)
        })
    }

    /// Changes all runs and saves them, or changes nothing.
    pub fn change_all<T, E: From<Unkept>>(
        &self,
        change: impl FnOnce(&mut AllRuns) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut all = self.all.lock();
        let mut next = all.clone();
        let outcome = change(&mut next)?;
        let dropped = make_room(&mut next);
        self.disk.write(FILE, &next)?;
        *all = next;
        for job in dropped {
            // A log that stays takes space, and does nothing else.
            let _ = std::fs::remove_file(self.log_file(job));
        }
        Ok(outcome)
    }

    /// Changes one run, if it exists.
    pub fn change<T>(
        &self,
        id: u64,
        change: impl FnOnce(&mut Run) -> T,
    ) -> Result<Option<T>, Unkept> {
        self.change_all(|all| Ok(all.runs.iter_mut().find(|run| run.id == id).map(change)))
    }

    /// The file of a job's log, which exists once the job has started.
    pub fn log_file(&self, job: u64) -> PathBuf {
        self.logs.join(format!("{job}.log"))
    }

    /// Gives a run to the runner.
    pub fn enqueue(&self, id: u64) {
        let execution = self.executions.fetch_add(1, Ordering::Relaxed);
        let (cancel, changed) = (watch::Sender::new(false), watch::Sender::new(()));
        self.live.lock().insert(id, Live { execution, cancel, changed });
        // After the end of the runner, nothing runs.
        let _ = self.queue.send(id);
    }

    /// What the runner of a run listens to; `None` if the emulator stops.
    pub fn signals(&self, id: u64) -> Option<Signals> {
        let live = self.live.lock();
        let Live { execution, cancel, changed } = live.get(&id)?;
        let (cancel, changed) = (cancel.subscribe(), changed.subscribe());
        Some(Signals { execution: *execution, cancel, changed })
    }

    /// Tells a run's runner that a request has changed the run.
    pub fn signal(&self, id: u64) {
        let cancel = self.get(id).map_or(Cancel::No, |run| run.cancel);
        if let Some(live) = self.live.lock().get(&id) {
            live.changed.send_replace(());
            if cancel != Cancel::No {
                live.cancel.send_replace(true);
            }
        }
    }

    /// Ends the signals of a run that is over, unless it already runs again.
    pub fn retire(&self, id: u64, signals: &Signals) {
        let mut live = self.live.lock();
        if live.get(&id).is_some_and(|live| live.execution == signals.execution) {
            live.remove(&id);
        }
    }

    /// Ends what runs: the emulator stops.
    pub fn stop(&self) {
        self.live.lock().clear();
    }

    /// The jobs in progress.
    pub fn running(&self) -> Vec<u64> {
        self.read(|all| {
            let open = all.runs.iter().filter(|run| !run.is_over());
            let jobs = open.flat_map(|run| &run.jobs);
            jobs.filter(|job| job.status == Status::InProgress).map(|job| job.id).collect()
        })
    }

    /// After a start: jobs that ran when the emulator ended are lost. Returns the runs that are not over.
    pub fn recover(&self, now: i64) -> Result<Vec<u64>, Unkept> {
        self.change_all(|all| {
            let mut open = Vec::new();
            for run in all.runs.iter_mut().filter(|run| !run.is_over()) {
                open.push(run.id);
                let running = |job: &&mut Job| job.status == Status::InProgress;
                for job in run.jobs.iter_mut().filter(running) {
                    job.complete(Conclusion::Failure, now);
                }
            }
            Ok(open)
        })
    }
}

/// Removes the oldest completed runs if there are too many; returns the jobs that go with them.
fn make_room(all: &mut AllRuns) -> Vec<u64> {
    let mut jobs = Vec::new();
    while all.runs.len() > RUNS_MAX {
        let Some(oldest) = all.runs.iter().position(Run::is_over) else { break };
        let run = all.runs.remove(oldest);
        jobs.extend(run.jobs.iter().map(|job| job.id));
    }
    jobs
}
