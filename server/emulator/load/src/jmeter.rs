//! JMeter plans: the installed `jmeter`, in CLI mode. Its results file is read while it grows.

mod results;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::process::Command;
use tokio::sync::watch;

use crate::child::{self, END_GRACE};
use crate::context::{Driven, Run, Stop};
use crate::failure::LoadFailure;
use crate::files::{self, Scratch};
use crate::log::LineLog;
use crate::plan::JmeterPlan;
use crate::recorder::{Recorder, Totals};
use results::Follower;

const POLL: Duration = Duration::from_millis(200);
/// The columns that are read, whatever the plan's properties say.
const SETTINGS: [&str; 10] = [
    "output_format=csv",
    "print_field_names=true",
    "timestamp_format=ms",
    "bytes=true",
    "thread_counts=true",
    "latency=true",
    "connect_time=true",
    "url=true",
    "assertion_results_failure_message=true",
    "sent_bytes=true",
];
const PASSED_ON: [&str; 5] = ["PATH", "LANG", "LD_LIBRARY_PATH", "JAVA_HOME", "JMETER_HOME"];

/// Carries out a JMeter plan.
///
/// # Errors
/// JMeter is not installed, or the test did not begin.
pub(crate) async fn drive(
    plan: &JmeterPlan,
    run: &Run<'_>,
    recorders: Vec<Recorder>,
    stop: Stop,
    called: Instant,
) -> Result<Driven, LoadFailure> {
    let program = child::find("jmeter").ok_or_else(|| {
        LoadFailure::refused(
            "this machine has no JMeter, so it cannot carry out JMX plans: install JMeter and put `jmeter` into PATH, \
             or use a URL or Locust plan",
        )
    })?;
    files::main_file(&plan.folder, &plan.main, "jmx")?;
    let scratch = Scratch::new(run.work_dir, "jmeter-")?;
    let setup = Setup {
        plan,
        run,
        program: &program,
        scratch: &scratch,
        start: Start { called, zero: Mutex::new(None), base_ms: run.started_at_ms },
        engines: u32::try_from(recorders.len()).unwrap_or(u32::MAX),
    };
    let engines = recorders.into_iter().map(|recorder| engine(&setup, recorder, stop.clone()));
    let ended = join_all(engines).await;
    let (mut totals, mut broken, mut last) = (Vec::new(), None, String::new());
    for one in ended {
        let one = one?;
        totals.push(one.totals);
        broken = broken.or(one.broken);
        last = one.last;
    }
    let Some(zero) = setup.start.zero() else {
        return Err(match *stop.borrow() {
            true => LoadFailure::Cancelled,
            false => LoadFailure::Refused(format!("JMeter ended without a single request: {last}")),
        });
    };
    let prepared = zero.saturating_duration_since(called);
    Ok(Driven { totals, prepared, exit_code: None, broken })
}

/// The start of the test: the first request of any engine.
pub(crate) struct Start {
    called: Instant,
    zero: Mutex<Option<Instant>>,
    base_ms: u64,
}

impl Start {
    fn zero(&self) -> Option<Instant> {
        *self.zero.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the start unless it is set, and returns it with its time in milliseconds.
    pub(crate) fn begin(&self, at: Instant) -> (Instant, u64) {
        let mut zero = self.zero.lock().unwrap_or_else(PoisonError::into_inner);
        let zero = *zero.get_or_insert(at);
        let prepared = zero.saturating_duration_since(self.called);
        let millis = u64::try_from(prepared.as_millis()).unwrap_or(u64::MAX);
        (zero, self.base_ms.saturating_add(millis))
    }
}

/// What the engines of a test share.
struct Setup<'a> {
    plan: &'a JmeterPlan,
    run: &'a Run<'a>,
    program: &'a Path,
    scratch: &'a Scratch,
    start: Start,
    engines: u32,
}

/// How an engine ended.
struct Ended {
    totals: Totals,
    /// Why it ended early.
    broken: Option<String>,
    /// The last line of its output.
    last: String,
}

/// Runs one engine to its end.
async fn engine(setup: &Setup<'_>, recorder: Recorder, stop: Stop) -> Result<Ended, LoadFailure> {
    let Setup { plan, run, program, scratch, start, engines } = setup;
    let number = recorder.engine() + 1;
    let folder = scratch.folder(&format!("engine-{number}"))?;
    let files = folder.join("files");
    files::copy(&plan.folder, &files)?;
    if plan.split_csvs {
        files::split_csvs(&files, recorder.engine(), *engines)?;
    }
    let results = folder.join("results.csv");
    let mut command = command(plan, program, &folder, &results)?;
    let failed = |error| LoadFailure::io("cannot start JMeter", &error);
    let mut log = LineLog::new(run.log, run.mask.clone(), &format!("engine {number}"));
    let jmeter = child::start(&mut command).map_err(failed)?;
    let (over, mut is_over) = watch::channel(false);
    let running = async {
        let status = jmeter.follow(&mut log, stop.clone(), END_GRACE).await;
        over.send_replace(true);
        status
    };
    let reading = async {
        let mut follower = Follower::new(recorder, start);
        let mut is_last = false;
        while !is_last {
            tokio::select! {
                _ = is_over.wait_for(|is_over| *is_over) => is_last = true,
                () = tokio::time::sleep(POLL) => {}
            }
            follower.read(&results);
        }
        follower.finish()
    };
    let (status, totals) = tokio::join!(running, reading);
    let status = status.map_err(failed)?;
    let last = log.finish().pop().unwrap_or_default();
    let broken = (!status.success() && !*stop.borrow())
        .then(|| format!("JMeter on engine {number} ended early ({status}): {last}"));
    Ok(Ended { totals, broken, last })
}

fn command(
    plan: &JmeterPlan,
    program: &Path,
    folder: &Path,
    results: &PathBuf,
) -> Result<Command, LoadFailure> {
    let files = folder.join("files");
    let mut command = programs::with(program, &PASSED_ON);
    command.current_dir(&files);
    command.envs(&plan.environment).envs(&plan.secrets);
    for name in ["home", "tmp"] {
        let path = folder.join(name);
        std::fs::create_dir_all(&path)
            .map_err(|error| LoadFailure::io("cannot make a folder", &error))?;
    }
    command.env("HOME", folder.join("home")).env("TMPDIR", folder.join("tmp"));
    // Java does not read TMPDIR.
    let java = format!("-Djava.io.tmpdir={}", folder.join("tmp").display());
    command.env("JVM_ARGS", java);
    command.arg("-n").arg("-t").arg(files.join(&plan.main)).arg("-l").arg(results);
    command.arg("-j").arg(folder.join("jmeter.log"));
    if let Some(properties) = &plan.properties {
        command.arg("-q").arg(files::main_file(&files, properties, "properties")?);
    }
    command.args(SETTINGS.iter().map(|setting| format!("-Jjmeter.save.saveservice.{setting}")));
    // Rows must not wait in a buffer.
    command.arg("-Jjmeter.save.saveservice.autoflush=true");
    Ok(command)
}
