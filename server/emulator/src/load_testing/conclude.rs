//! The end of a run: its results packed, its criteria judged, its last status.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use load::{Ended, LoadFailure, Summary};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::drive::{Cut, Drive};
use super::execute::{Executed, summary};
use super::misfortune;
use super::plan::error;
use crate::loads::criteria;
use crate::loads::kept::{Run, RunError, Status, Verdict};
use crate::loads::statistics::Totals;
use crate::when;

/// How long CANCELLING lasts at least, in seconds at normal speed.
const CANCELLING_S: f64 = 1.0;

/// Codes of errors that say why a test stopped itself.
const STOPS: [&str; 3] = [BY_CRITERIA, BY_ERRORS, BY_USERS];
const BY_CRITERIA: &str = "TestStoppedByCriteria";
const BY_ERRORS: &str = "AutoStopErrorRate";
const BY_USERS: &str = "AutoStopVirtualUsers";

/// How a run ends.
pub struct End {
    pub status: Status,
    pub errors: Vec<RunError>,
    pub summary: Option<Summary>,
}

impl End {
    pub fn of(status: Status) -> Self {
        Self { status, errors: Vec::new(), summary: None }
    }

    /// The end of a test that was carried out.
    pub fn executed(run: &Run, executed: Executed) -> Self {
        let measured = summary(&executed.outcome).cloned();
        let failed = |code: &str, text: String| (Status::Failed, vec![error(code, text)]);
        let (status, errors) = match executed.outcome {
            Ok(_) if executed.stopped_by.is_some() => {
                let id = executed.stopped_by.unwrap_or_default();
                let of = &run.body.get("passFailCriteria").cloned().unwrap_or_default()["passFailMetrics"]
                    [&id];
                let shown = |name: &str| of[name].as_str().unwrap_or_default().to_owned();
                failed(
                    BY_CRITERIA,
                    format!(
                        "The test was stopped because {}({}) {} {}.",
                        shown("aggregate"),
                        shown("clientMetric"),
                        shown("condition"),
                        of["value"]
                    ),
                )
            }
            Ok(summary) => match summary.ended {
                Ended::Finished => (Status::Done, Vec::new()),
                Ended::Cancelled => (Status::Cancelled, Vec::new()),
                Ended::TooManyErrors { percent, window } => failed(
                    BY_ERRORS,
                    format!(
                        "The test was stopped automatically because {percent:.1} % of the requests failed within {} \
                         seconds.",
                        window.as_secs()
                    ),
                ),
                Ended::TooManyUsers { engine, users } => failed(
                    BY_USERS,
                    format!(
                        "The test was stopped automatically because engine {} had {users} virtual users.",
                        engine + 1
                    ),
                ),
            },
            Err(LoadFailure::Cancelled) => (Status::Cancelled, Vec::new()),
            Err(failure @ LoadFailure::Script { .. }) => {
                failed("InvalidTestScript", failure.to_string())
            }
            Err(failure @ LoadFailure::Broken { .. }) => {
                failed("TestEngineFailed", failure.to_string())
            }
            Err(failure) => failed("TestEngineNotStarted", failure.to_string()),
        };
        Self { status, errors, summary: measured }
    }

    /// Whether the criteria decide about the test: also if they, or too many errors, have stopped it.
    fn is_judged(&self) -> bool {
        self.status == Status::Done || self.errors.iter().any(|error| STOPS.contains(&&*error.code))
    }

    /// When the test ended. A clock that stands still does not know it.
    pub fn ended_ms(&self, now_ms: i64) -> i64 {
        let measured = self.summary.as_ref().map(|summary| {
            let end = u128::from(summary.started_at_ms) + summary.duration.as_millis();
            i64::try_from(end).unwrap_or(now_ms)
        });
        measured.map_or(now_ms, |end| end.max(now_ms))
    }
}

/// What the files of a run say.
struct Packed {
    has_results: bool,
    has_logs: bool,
}

/// Ends a run.
pub async fn conclude(drive: &Drive, end: End) {
    if let Err(Cut::Failed(error)) = concluded(drive, end).await {
        tracing::error!(run = drive.id, error.message, "a test run was not concluded");
    }
}

async fn concluded(drive: &Drive, end: End) -> Result<(), Cut> {
    let run = drive.run()?;
    if end.status == Status::Cancelled {
        drive.keep(|run| run.status = Status::Cancelling).await?;
        drive.pause(CANCELLING_S).await;
    }
    let folder = drive.inner.load_tests.run(&drive.guid, &drive.id);
    let packing = tokio::task::spawn_blocking(move || pack(&folder));
    let packed = drive.inner.agenda.elsewhere(&drive.key, packing).await;
    let packed = packed.unwrap_or(Packed { has_results: false, has_logs: false });
    let is_lost = misfortune::loses_results(&drive.inner, &run);
    let totals = end
        .summary
        .as_ref()
        .map(|summary| Totals::new(summary.by_name.clone(), summary.duration.as_secs_f64()));
    let totals = totals.filter(|totals| totals.total.count > 0 && !is_lost);
    let ended_ms = end.ended_ms(when::unix_ms(drive.inner.clock.now()));
    drive
        .keep(|run| {
            finish(run, totals.as_ref(), ended_ms);
            // A run that was stopped after its test had ended is done nevertheless.
            run.status = end.status;
            if !end.is_judged() {
                run.verdict = Some(Verdict::NotApplicable);
            }
            run.errors.clone_from(&end.errors);
            if let Some(summary) = &end.summary {
                // Now it is known when the engines were ready.
                run.execution_ms.0 = i64::try_from(summary.started_at_ms).ok();
            }
            run.virtual_users = end.summary.as_ref().map(|summary| summary.users_max);
            run.has_results = packed.has_results && !is_lost;
            run.has_logs = packed.has_logs && !is_lost;
        })
        .await
}

/// Writes what a run measured, and the judgement.
pub fn finish(run: &mut Run, totals: Option<&Totals>, ended_ms: i64) {
    run.verdict = Some(criteria::judge(&mut run.body, totals));
    run.statistics = totals.map(Totals::statistics);
    run.ended_ms = Some(ended_ms);
    if run.execution_ms.0.is_some() && run.execution_ms.1.is_none() {
        run.execution_ms.1 = Some(ended_ms);
    }
}

/// Whether a run's folder has results and logs now, packed for the download.
pub fn packed(folder: &Path) -> (bool, bool) {
    let packed = pack(folder);
    (packed.has_results, packed.has_logs)
}

fn pack(folder: &Path) -> Packed {
    let mut results: Vec<PathBuf> = std::fs::read_dir(folder.join("results"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    results.sort();
    let log = folder.join("engines.log");
    let logs = if log.is_file() { vec![log] } else { Vec::new() };
    let zipped = |name: &str, files: &[PathBuf]| match zip(&folder.join(name), files) {
        Ok(()) => !files.is_empty(),
        Err(error) => {
            tracing::error!(%error, name, "the results of a test run cannot be packed");
            false
        }
    };
    let packed =
        Packed { has_results: zipped("csv.zip", &results), has_logs: zipped("logs.zip", &logs) };
    if packed.has_results {
        // They are in the archive.
        let _ = std::fs::remove_dir_all(folder.join("results"));
    }
    packed
}

fn zip(path: &Path, files: &[PathBuf]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let mut zip = ZipWriter::new(io::BufWriter::new(File::create(path)?));
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        zip.start_file(name, SimpleFileOptions::default())?;
        io::copy(&mut File::open(file)?, &mut zip)?;
    }
    zip.finish()?.flush()
}
