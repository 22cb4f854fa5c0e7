//! Carries out a planned test, and follows what it measures.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load::{LoadFailure, LoadTest, Mask, Results, Sample, Summary};
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::inner::Inner;
use crate::loads::criteria;
use crate::loads::kept::Run;
use crate::loads::live::Measured;
use crate::loads::series::Recorder;
use crate::loads::statistics::Totals;
use crate::when;

/// Samples that wait to be stored.
const SAMPLES_MAX: usize = 20_000;
/// All results files of a run together.
const RESULTS_BYTES_MAX: u64 = 1024 * 1024 * 1024;
const LOG_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Before that, a criterion with the action `stop` stops nothing.
const STOP_AFTER: Duration = Duration::from_secs(10);

/// What an execution needs besides the plan.
pub struct Setting<'a> {
    pub inner: &'a Arc<Inner>,
    pub guid: &'a str,
    pub run: &'a Run,
    /// [`super::wire::run_key`]
    pub key: &'a str,
    /// Unix milliseconds.
    pub started_ms: i64,
    pub cancel: watch::Receiver<bool>,
}

/// How it ended.
pub struct Executed {
    pub outcome: Result<Summary, LoadFailure>,
    /// The criterion that stopped it.
    pub stopped_by: Option<String>,
}

/// Carries out a test to its end.
pub async fn execute(setting: &Setting<'_>, test: &LoadTest, mask: Mask) -> Executed {
    let live = &setting.inner.load_tests;
    let folder = live.run(setting.guid, &setting.run.id);
    let failed = |error: std::io::Error| Executed {
        outcome: Err(LoadFailure::Io(format!("a file of the test run cannot be written: {error}"))),
        stopped_by: None,
    };
    let log = match Log::create(&folder.join("engines.log")) {
        Ok(log) => log,
        Err(error) => return failed(error),
    };
    let recorder = match Recorder::create(&folder.join("samples.jsonl")) {
        Ok(recorder) => recorder,
        Err(error) => return failed(error),
    };
    let series = live.measure(setting.key, setting.started_ms);
    let (samples, received) = mpsc::channel(SAMPLES_MAX);
    let (halt, halted) = watch::channel(false);
    let sink = |bytes: &[u8]| log.write(bytes);
    let run = load::Run {
        work_dir: &live.work(),
        results: Some(Results { folder: folder.join("results"), bytes_max: RESULTS_BYTES_MAX }),
        started_at_ms: u64::try_from(setting.started_ms).unwrap_or(0),
        samples,
        log: &sink,
        mask,
        cancel: halted,
    };
    let work = Box::pin(load::run(test, run));
    let follow = Follow { setting, series: &series, recorder, halt: &halt };
    let (outcome, stopped_by) = tokio::join!(work, follow.follow(received));
    if let Some(summary) = summary(&outcome) {
        // Now it is known how long the engines prepared.
        series.lock().base_ms = i64::try_from(summary.started_at_ms).unwrap_or(setting.started_ms);
    }
    Executed { outcome, stopped_by }
}

/// What was measured, if anything.
pub fn summary(outcome: &Result<Summary, LoadFailure>) -> Option<&Summary> {
    match outcome {
        Ok(summary) => Some(summary),
        Err(LoadFailure::Broken { summary, .. }) => Some(summary),
        Err(_) => None,
    }
}

/// The log of the engines.
struct Log(Mutex<(std::fs::File, u64)>);

impl Log {
    fn create(path: &std::path::Path) -> std::io::Result<Self> {
        Ok(Self(Mutex::new((std::fs::File::create(path)?, 0))))
    }

    fn write(&self, bytes: &[u8]) {
        let mut log = self.0.lock();
        if log.1 + bytes.len() as u64 > LOG_BYTES_MAX {
            return;
        }
        // A full disk must not end the test.
        if log.0.write_all(bytes).is_ok() {
            log.1 += bytes.len() as u64;
        }
    }
}

struct Follow<'a> {
    setting: &'a Setting<'a>,
    series: &'a Measured,
    recorder: Recorder,
    halt: &'a watch::Sender<bool>,
}

impl Follow<'_> {
    /// Stores samples until the test ends, and stops it if it must. Returns the criterion that stopped it.
    async fn follow(mut self, mut received: mpsc::Receiver<Sample>) -> Option<String> {
        let criteria = criteria::read(&self.setting.run.body).unwrap_or_default();
        let stoppers: Vec<_> = criteria.iter().filter(|(_, one)| one.stops).collect();
        let (began, mut judged, mut stopped_by) = (Instant::now(), Instant::now(), None);
        let mut cancel = self.setting.cancel.clone();
        let mut is_cancelled = false;
        loop {
            tokio::select! {
                biased;
                // An error means that the emulator stops.
                _ = cancel.wait_for(|is_cancelled| *is_cancelled), if !is_cancelled => {
                    is_cancelled = true;
                    self.halt.send_replace(true);
                }
                sample = received.recv() => match sample {
                    Some(sample) => self.keep(&sample),
                    None => break,
                },
            }
            let is_due = began.elapsed() > STOP_AFTER && judged.elapsed() > Duration::from_secs(1);
            if stopped_by.is_none() && is_due && !stoppers.is_empty() {
                judged = Instant::now();
                let (by_name, _) = self.series.lock().totals();
                let totals = Totals::new(by_name, began.elapsed().as_secs_f64());
                if let Some((id, _)) = stoppers.iter().find(|(_, one)| one.must_stop(&totals)) {
                    stopped_by = Some((*id).clone());
                    self.halt.send_replace(true);
                }
            }
        }
        // What is not on the disk is missing after a restart only.
        let _ = self.recorder.flush();
        stopped_by
    }

    fn keep(&mut self, sample: &Sample) {
        let mut series = self.series.lock();
        if series.points().next().is_none() {
            let now_ms = when::unix_ms(self.setting.inner.clock.now());
            let first = now_ms - i64::from(sample.second + 1) * 1000;
            series.base_ms = first.max(self.setting.started_ms);
        }
        series.add(sample);
        drop(series);
        let kept = self.recorder.write(sample).and_then(|()| self.recorder.flush());
        if let Err(error) = kept {
            tracing::debug!(%error, "a sample of a load test was not stored");
        }
    }
}
