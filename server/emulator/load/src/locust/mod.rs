//! Locust plans: the real Locust, started headless.

mod environment;
mod explain;
mod link;
mod process;
mod requirements;
mod role;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::child::END_GRACE;
use crate::context::{Cancel, Driven, Run, Stop, stopped};
use crate::failure::LoadFailure;
use crate::files::{self, Scratch};
use crate::log::{LineLog, LogSink, Mask};
use crate::plan::LocustPlan;
use crate::recorder::Recorder;

pub use environment::{LOCUST_VERSION, prepare as prepare_locust};

/// How long a locustfile may take to be read.
const CHECK_MAX: Duration = Duration::from_secs(120);

/// A test that is ready to be started.
struct Ready {
    scratch: Scratch,
    python: PathBuf,
    /// The copied files.
    files: PathBuf,
    listener: PathBuf,
}

/// Checks a Locust plan without sending a request: installs what it needs and reads its locustfile. Returns the names of
/// its User classes.
///
/// # Errors
/// [`LoadFailure::Script`] if the locustfile or `requirements.txt` is wrong; others as in [`crate::run`].
pub async fn check_locust(
    plan: &LocustPlan,
    work_dir: &Path,
    log: LogSink<'_>,
    mask: Mask,
    mut cancel: Cancel,
) -> Result<Vec<String>, LoadFailure> {
    plan.check()?;
    let stop = cancel.clone();
    let work = async {
        let ready = prepare(plan, work_dir, log, &mask).await?;
        list(plan, &ready, log, &mask, stop).await
    };
    tokio::select! {
        biased;
        () = stopped(&mut cancel) => Err(LoadFailure::Cancelled),
        result = work => result,
    }
}

/// Carries out a Locust plan.
///
/// # Errors
/// The test did not begin.
pub(crate) async fn drive(
    plan: &LocustPlan,
    run: &Run<'_>,
    recorders: Vec<Recorder>,
    mut stop: Stop,
    called: Instant,
) -> Result<Driven, LoadFailure> {
    let later = stop.clone();
    let preparing = async {
        let ready = prepare(plan, run.work_dir, run.log, &run.mask).await?;
        list(plan, &ready, run.log, &run.mask, later).await?;
        Ok(ready)
    };
    let ready = tokio::select! {
        biased;
        () = stopped(&mut stop) => Err(LoadFailure::Cancelled),
        ready = preparing => ready,
    }?;
    process::run(plan, &ready, run, recorders, stop, called).await
}

async fn prepare(
    plan: &LocustPlan,
    work_dir: &Path,
    log: LogSink<'_>,
    mask: &Mask,
) -> Result<Ready, LoadFailure> {
    files::main_file(&plan.folder, &plan.main, "py")?;
    let scratch = Scratch::new(work_dir, "locust-")?;
    let files = scratch.path().join("files");
    files::copy(&plan.folder, &files)?;
    let listener = scratch.path().join("understudy_listener.py");
    std::fs::write(&listener, include_str!("listener.py"))
        .map_err(|error| LoadFailure::io("cannot write the listener", &error))?;
    for folder in ["home", "tmp"] {
        scratch.folder(folder)?;
    }
    let base = environment::prepare(&plan.environments, log).await?;
    let python = requirements::install(&plan.environments, &base, &scratch, log, mask).await?;
    Ok(Ready { scratch, python, files, listener })
}

/// Reads the locustfile as Locust does, and returns the names of its User classes.
async fn list(
    plan: &LocustPlan,
    ready: &Ready,
    log: LogSink<'_>,
    mask: &Mask,
    stop: Stop,
) -> Result<Vec<String>, LoadFailure> {
    let failed = |error| LoadFailure::io("cannot start Locust", &error);
    let mut command = role::command(plan, ready, &ready.files);
    command.arg("--list");
    // What the check prints would only repeat what the test prints; if it fails, the end is shown.
    let mut output = LineLog::new(&|_| {}, mask.clone(), "");
    let program = crate::child::start(&mut command).map_err(failed)?;
    let followed = program.follow(&mut output, stop, END_GRACE);
    let status = match tokio::time::timeout(CHECK_MAX, followed).await {
        Ok(status) => status.map_err(failed)?,
        Err(_) => {
            return Err(explain::script(
                plan,
                &format!("it was not read within {} s", CHECK_MAX.as_secs()),
                "Code outside of functions runs when the file is read, on every engine",
            ));
        }
    };
    let lines = output.finish();
    if !status.success() {
        lines.iter().for_each(|line| log(format!("{line}\n").as_bytes()));
        return Err(explain::failure(plan, &ready.files, &lines));
    }
    let begin = lines.iter().position(|line| line == "Available Users:");
    let names = begin.map(|at| lines[at + 1..].iter().map(|line| line.trim().to_owned()));
    let names: Vec<String> = names.into_iter().flatten().filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(explain::script(
            plan,
            "it has no User class",
            "Define a class that inherits from HttpUser and has at least one @task",
        ));
    }
    Ok(names)
}
