//! Carries out a test: puts its parts together and follows them to the end.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use crate::auto_stop::Watch;
use crate::context::{Cancel, Driven, Run, Stop};
use crate::failure::LoadFailure;
use crate::plan::{LoadTest, Plan};
use crate::recorder::{Recorder, Second};
use crate::rows::{self, ResultsFile};
use crate::sample::{Ended, Sample, Summary, Tally};

/// Seconds of engines that wait for the collector.
const REPORTS_MAX: usize = 256;

/// Carries out a load test. Dropping the future ends the test and its processes.
///
/// # Errors
/// See [`LoadFailure`]. A test that was cancelled or stopped after its start has a [`Summary`].
pub async fn run(test: &LoadTest, run: Run<'_>) -> Result<Summary, LoadFailure> {
    test.check()?;
    let called = Instant::now();
    let (writer, buffers) = match &run.results {
        Some(results) => {
            let made = rows::create(&results.folder, test.engines, results.bytes_max);
            let (writer, buffers) =
                made.map_err(|error| LoadFailure::io("cannot create the results files", &error))?;
            (Some(writer), buffers)
        }
        None => (None, Vec::new()),
    };
    let (reports, seconds) = mpsc::channel(REPORTS_MAX);
    let mut buffers = buffers.into_iter();
    let recorders = (0..test.engines)
        .map(|engine| Recorder::new(engine, buffers.next(), reports.clone(), run.mask.clone()))
        .collect();
    drop(reports);
    let (stop, stopped) = watch::channel(false);
    let drive = drive(test, &run, recorders, stopped, called);
    let mut collector = Collector::new(test, &run);
    let (driven, ()) = tokio::join!(drive, collector.follow(seconds, &stop));
    let driven = driven?;
    let results = finish_results(writer, &driven, &run).await;
    let broken = driven.broken.clone();
    let summary = collector.summarize(driven, results);
    match broken {
        // An engine that is being stopped may end as it likes.
        Some(reason) if summary.ended == Ended::Finished => {
            Err(LoadFailure::Broken { reason, summary: Box::new(summary) })
        }
        _ => Ok(summary),
    }
}

async fn drive(
    test: &LoadTest,
    run: &Run<'_>,
    recorders: Vec<Recorder>,
    stop: Stop,
    called: Instant,
) -> Result<Driven, LoadFailure> {
    match &test.plan {
        Plan::Url(plan) => crate::url::drive(plan, run, recorders, stop, called).await,
        Plan::Locust(plan) => crate::locust::drive(plan, run, recorders, stop, called).await,
        Plan::Jmeter(plan) => crate::jmeter::drive(plan, run, recorders, stop, called).await,
    }
}

async fn finish_results(
    writer: Option<rows::Writer>,
    driven: &Driven,
    run: &Run<'_>,
) -> Vec<ResultsFile> {
    let Some(writer) = writer else { return Vec::new() };
    let dropped: Vec<u64> = driven.totals.iter().map(|one| one.rows_dropped).collect();
    match writer.finish(&dropped).await {
        Ok(files) => files,
        Err(error) => {
            (run.log)(format!("the results files are not complete: {error}\n").as_bytes());
            Vec::new()
        }
    }
}

/// Passes samples on and decides when the test must stop.
struct Collector<'a> {
    samples: &'a mpsc::Sender<Sample>,
    cancel: Cancel,
    watch: Option<Watch>,
    ended: Ended,
    dropped: u64,
    /// Active users by engine.
    users: Vec<u32>,
    users_max: u32,
    started_at_ms: u64,
}

impl<'a> Collector<'a> {
    fn new(test: &LoadTest, run: &'a Run<'_>) -> Self {
        Self {
            samples: &run.samples,
            cancel: run.cancel.clone(),
            watch: test.auto_stop.map(Watch::new),
            ended: Ended::Finished,
            dropped: 0,
            users: vec![0; test.engines as usize],
            users_max: 0,
            started_at_ms: run.started_at_ms,
        }
    }

    /// Ends when all recorders are gone.
    async fn follow(&mut self, mut seconds: mpsc::Receiver<Second>, stop: &watch::Sender<bool>) {
        let mut cancel = self.cancel.clone();
        loop {
            let is_running = self.ended == Ended::Finished;
            tokio::select! {
                biased;
                _ = cancel.wait_for(|is_cancelled| *is_cancelled), if is_running => {
                    self.ended = Ended::Cancelled;
                    stop.send_replace(true);
                }
                second = seconds.recv() => {
                    let Some(second) = second else { return };
                    if let Some(ended) = self.see(second)
                        && is_running
                    {
                        self.ended = ended;
                        stop.send_replace(true);
                    }
                }
            }
        }
    }

    fn see(&mut self, second: Second) -> Option<Ended> {
        if let Some(users) = self.users.get_mut(second.engine as usize) {
            *users = second.users;
        }
        self.users_max = self.users_max.max(self.users.iter().sum());
        let watch = self.watch.as_mut();
        let ended = watch.and_then(|watch| watch.see(second.engine, second.users, &second.samples));
        for sample in second.samples {
            self.dropped += u64::from(self.samples.try_send(sample).is_err());
        }
        ended
    }

    fn summarize(mut self, driven: Driven, results: Vec<ResultsFile>) -> Summary {
        let mut by_name: BTreeMap<String, Tally> = BTreeMap::new();
        let (mut total, mut duration) = (Tally::default(), Duration::ZERO);
        for totals in driven.totals {
            duration = duration.max(totals.ended);
            for (name, tally) in totals.by_name {
                total.merge(&tally);
                by_name.entry(name).or_default().merge(&tally);
            }
            // The test is over, so nothing stops it any more.
            self.watch = None;
            self.see(totals.last);
        }
        let prepared_ms = u64::try_from(driven.prepared.as_millis()).unwrap_or(u64::MAX);
        Summary {
            ended: self.ended,
            started_at_ms: self.started_at_ms.saturating_add(prepared_ms),
            duration,
            users_max: self.users_max,
            total,
            by_name,
            results,
            samples_dropped: self.dropped,
            exit_code: driven.exit_code,
        }
    }
}
