//! The virtual environment with Locust: made once, and complete or absent.
//!
//! An environment is made in a folder with a new name. A marker file names it once it is complete, so a kill in the
//! middle leaves a folder that no marker names; the next preparation removes it. A lock on a file keeps
//! other processes out meanwhile.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::watch;

use crate::child::{self, END_GRACE};
use crate::failure::LoadFailure;
use crate::files::unique;
use crate::log::{LineLog, LogSink};

/// The version of Locust that is installed.
pub const LOCUST_VERSION: &str = "2.47.0";

const LOCK_POLL: Duration = Duration::from_millis(100);
/// Words of pip when an index cannot be reached.
const UNREACHABLE: [&str; 7] = [
    "NewConnectionError",
    "ConnectTimeoutError",
    "ProxyError",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Failed to establish a new connection",
    "ReadTimeoutError",
];

/// `pip install` into an environment, without arguments.
pub(super) fn pip(environments: &Path, python: &Path) -> Command {
    let mut command = programs::pip(python, &environments.join("pip-cache"));
    command.args(["install", "--retries", "2"]).env("HOME", environments);
    command
}

/// Runs a program to its end and returns its last lines.
pub(super) async fn run(
    command: &mut Command,
    log: LogSink<'_>,
    mask: Option<&crate::Mask>,
) -> Result<(ExitStatus, Vec<String>), LoadFailure> {
    let failed = |error| LoadFailure::io("cannot start Python", &error);
    let mask = mask.cloned().unwrap_or_else(|| Arc::new(str::to_owned));
    let mut output = LineLog::new(log, mask, "");
    let program = child::start(command).map_err(failed)?;
    // The caller ends it by dropping it.
    let (_running, stop) = watch::channel(false);
    let status = program.follow(&mut output, stop, END_GRACE).await.map_err(failed)?;
    Ok((status, output.finish()))
}

/// Whether pip's output says that the index cannot be reached.
pub(super) fn is_unreachable(lines: &[String]) -> bool {
    lines.iter().any(|line| UNREACHABLE.iter().any(|words| line.contains(words)))
}

/// Makes the environment with Locust, unless it is there, and returns its Python. The folder is for environments only.
///
/// # Errors
/// [`LoadFailure::NotInstalled`] if this machine has no usable Python, or PyPI cannot be reached.
pub async fn prepare(environments: &Path, log: LogSink<'_>) -> Result<PathBuf, LoadFailure> {
    prepare_with(environments, log, |_| {}).await
}

async fn prepare_with(
    environments: &Path,
    log: LogSink<'_>,
    adapt: impl Fn(&mut Command),
) -> Result<PathBuf, LoadFailure> {
    let version = python_version().await?;
    let key = format!("locust-{LOCUST_VERSION}-python-{version}");
    let path = make(environments, &key, async |path| {
        log(format!("installing Locust {LOCUST_VERSION} from PyPI; this happens once\n").as_bytes());
        let mut command = programs::python("python3");
        command.args(["-m", "venv"]).arg(path).env("HOME", environments);
        let (status, _) = run(&mut command, log, None).await?;
        if !status.success() {
            return Err(LoadFailure::NotInstalled(
                "Python cannot make virtual environments. Install its module venv (Debian: python3-venv)".to_owned(),
            ));
        }
        let mut command = pip(environments, &path.join("bin/python"));
        command.args(["--quiet", &format!("locust=={LOCUST_VERSION}")]);
        adapt(&mut command);
        let (status, lines) = run(&mut command, log, None).await?;
        match status.success() {
            true => Ok(()),
            false => Err(not_installed(&lines)),
        }
    })
    .await?;
    Ok(path.join("bin/python"))
}

fn not_installed(lines: &[String]) -> LoadFailure {
    let text = match is_unreachable(lines) {
        true => format!(
            "Locust {LOCUST_VERSION} is not installed yet, and PyPI cannot be reached from this machine. \
             Connect it once, or set PIP_INDEX_URL to an index that can be reached"
        ),
        false => {
            let last = lines.iter().rev().find(|line| line.contains("ERROR"));
            let last = last.or(lines.last()).map_or("pip said nothing", String::as_str);
            format!("Locust {LOCUST_VERSION} could not be installed: {last}")
        }
    };
    LoadFailure::NotInstalled(text)
}

/// The version of `python3`, for example `3.12`.
async fn python_version() -> Result<String, LoadFailure> {
    const CODE: &str = "import sys; print('version %d %d' % sys.version_info[:2])";
    let missing = || {
        LoadFailure::NotInstalled(
            "Locust needs python3 of version 3.10 or later in PATH on this machine".to_owned(),
        )
    };
    let ran = run(programs::python("python3").args(["-c", CODE]), &|_| {}, None).await;
    let (_, lines) = ran.map_err(|_| missing())?;
    let words: Vec<u32> = lines
        .iter()
        .find_map(|line| line.strip_prefix("version "))
        .map(|numbers| numbers.split(' ').filter_map(|word| word.parse().ok()).collect())
        .unwrap_or_default();
    match words[..] {
        [3, minor] if minor >= 10 => Ok(format!("3.{minor}")),
        _ => Err(missing()),
    }
}

/// Finds an environment by its key, or makes it.
pub(super) async fn make(
    environments: &Path,
    key: &str,
    fill: impl AsyncFnOnce(&Path) -> Result<(), LoadFailure>,
) -> Result<PathBuf, LoadFailure> {
    let failed = |error| LoadFailure::io("cannot write the virtual environments", &error);
    fs::create_dir_all(environments).map_err(failed)?;
    // Its programs name it by an absolute path.
    let environments = environments.canonicalize().map_err(failed)?;
    let marker = environments.join(format!("{key}.name"));
    let found = || {
        let name = fs::read_to_string(&marker).ok()?;
        let path = environments.join(name);
        path.join("bin/python").exists().then_some(path)
    };
    if let Some(path) = found() {
        return Ok(path);
    }
    let _lock = lock(&environments).await?;
    // Another process may have made it meanwhile.
    if let Some(path) = found() {
        return Ok(path);
    }
    remove_leftovers(&environments);
    let name = unique("env-");
    let path = environments.join(&name);
    if let Err(failure) = fill(&path).await {
        // The next preparation removes it if this fails.
        let _ = fs::remove_dir_all(&path);
        return Err(failure);
    }
    let temporary = environments.join(unique("marker-"));
    fs::write(&temporary, name).and_then(|()| fs::rename(&temporary, &marker)).map_err(failed)?;
    Ok(path)
}

/// Locks the folder against other processes and tasks, until dropped.
async fn lock(environments: &Path) -> Result<File, LoadFailure> {
    let failed = |error| LoadFailure::io("cannot lock the virtual environments", &error);
    let file = File::create(environments.join("lock")).map_err(failed)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

/// Removes what a kill left behind. The lock must be held.
fn remove_leftovers(environments: &Path) {
    let entries = || fs::read_dir(environments).into_iter().flatten().flatten();
    let is_marker = |path: &Path| path.extension().is_some_and(|is| is == "name");
    let markers = entries().map(|entry| entry.path()).filter(|path| is_marker(path));
    let complete: Vec<String> = markers.filter_map(|path| fs::read_to_string(path).ok()).collect();
    for entry in entries() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What cannot be removed is tried again the next time.
        if name.starts_with("env-") && !complete.contains(&name) {
            let _ = fs::remove_dir_all(entry.path());
        } else if name.starts_with("marker-") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fill(path: &Path) -> Result<(), LoadFailure> {
        fs::create_dir_all(path.join("bin")).unwrap();
        fs::write(path.join("bin/python"), "").unwrap();
        Ok(())
    }

    #[tokio::test]
    async fn an_environment_is_complete_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        // A kill left half of one, with its Python but without a marker.
        fill(&folder.path().join("env-half")).await.unwrap();
        fs::write(folder.path().join("marker-half"), "env-half").unwrap();
        let failed = make(folder.path(), "a", async |path| {
            fill(path).await?;
            Err(LoadFailure::Cancelled)
        });
        assert_eq!(failed.await, Err(LoadFailure::Cancelled));
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
        };
        assert_eq!(names(), ["lock"]);
        let path = make(folder.path(), "a", fill).await.unwrap();
        let other = make(folder.path(), "b", fill).await.unwrap();
        let again = make(folder.path(), "a", async |_: &Path| panic!("it is there")).await;
        assert_eq!(again.unwrap(), path);
        assert!(path != other && other.exists());
    }

    #[tokio::test]
    async fn two_tasks_make_one_environment() {
        let folder = tempfile::tempdir().unwrap();
        let one = make(folder.path(), "a", async |path| {
            // The other one waits for the lock meanwhile.
            tokio::task::yield_now().await;
            fill(path).await
        });
        let (one, two) = tokio::join!(one, make(folder.path(), "a", fill));
        assert_eq!(one.unwrap(), two.unwrap());
    }

    #[tokio::test]
    async fn an_index_that_cannot_be_reached_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let closed = |command: &mut Command| {
            command.args(["--retries", "1", "--index-url", "http://127.0.0.1:1/simple"]);
        };
        let failure = prepare_with(folder.path(), &|_| {}, closed).await.unwrap_err();
        assert!(failure.to_string().contains("PyPI cannot be reached"), "{failure}");
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.to_string_lossy().into_owned());
        let left: Vec<_> =
            names.filter(|name| name.contains("env-") || name.contains("name")).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}
