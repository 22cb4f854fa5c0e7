//! What exists only while the emulator runs: who can cancel which run, what running tests have measured, signatures, and the
//! switches of bad days.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, Semaphore, watch};

use super::series::Series;
use super::sign::Signer;

/// A series that is being measured.
pub type Measured = Arc<Mutex<Series>>;

/// Scripts that are read at the same time.
const CHECKS_MAX: usize = 2;

/// Bad days.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    /// Runs stay in PROVISIONING until they are stopped.
    pub stuck: bool,
    /// Runs end, and their results never come.
    pub lose_results: bool,
    /// Plans are not valid.
    pub fail_validation: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Live {
    folder: PathBuf,
    /// Where virtual environments with Locust are.
    pub environments: PathBuf,
    pub signer: Signer,
    /// Locust reads scripts in processes of their own, of which there are few.
    pub checks: Semaphore,
    /// Notified when a validation ends.
    pub validated: Notify,
    pub switch: Mutex<Switch>,
    cancels: Mutex<HashMap<String, watch::Sender<bool>>>,
    measured: Mutex<HashMap<String, Measured>>,
}

impl Live {
    /// With files below `folder`. What an emulator that was killed has left of its running tests is removed.
    ///
    /// # Errors
    /// The folder cannot be created, or the machine has no random numbers.
    pub fn open(folder: PathBuf) -> anyhow::Result<Self> {
        let _ = std::fs::remove_dir_all(folder.join("work"));
        std::fs::create_dir_all(folder.join("work"))?;
        let (validated, switch, cancels, measured) = Default::default();
        let environments = environments(&folder);
        let signer = Signer::new()?;
        let checks = Semaphore::new(CHECKS_MAX);
        Ok(Self { checks, folder, environments, signer, validated, switch, cancels, measured })
    }

    /// For files of running tests only.
    pub fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Everything of one resource.
    pub fn resource(&self, guid: &str) -> PathBuf {
        self.folder.join(guid)
    }

    /// The folder of a test's files.
    pub fn test(&self, guid: &str, test: &str) -> PathBuf {
        self.resource(guid).join("tests").join(test)
    }

    /// The folder of a run.
    pub fn run(&self, guid: &str, run: &str) -> PathBuf {
        self.resource(guid).join("runs").join(run)
    }

    /// The file of a signed path, such as `{guid}/runs/{run}/csv.zip`.
    pub fn signed(&self, path: &str) -> Option<PathBuf> {
        let is_plain = |part: &str| {
            !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0'])
        };
        let file = path.split('/').fold(self.folder.clone(), |file, part| file.join(part));
        (path.split('/').all(is_plain) && file.is_file()).then_some(file)
    }

    /// A run begins. The receiver becomes true when it is cancelled, and closes when the emulator stops.
    pub fn enter(&self, key: &str) -> watch::Receiver<bool> {
        let (sender, receiver) = watch::channel(false);
        self.cancels.lock().insert(key.to_owned(), sender);
        receiver
    }

    pub fn leave(&self, key: &str) {
        self.cancels.lock().remove(key);
        self.measured.lock().remove(key);
    }

    pub fn cancel(&self, key: &str) {
        if let Some(sender) = self.cancels.lock().get(key) {
            sender.send_replace(true);
        }
    }

    /// Ends all runs, as if their engines were lost.
    pub fn stop(&self) {
        self.cancels.lock().clear();
    }

    /// The series of a run that begins to measure.
    pub fn measure(&self, key: &str, base_ms: i64) -> Measured {
        let series = Arc::new(Mutex::new(Series::new(base_ms)));
        self.measured.lock().insert(key.to_owned(), Arc::clone(&series));
        series
    }

    /// What a running test has measured.
    pub fn measured(&self, key: &str) -> Option<Measured> {
        self.measured.lock().get(key).cloned()
    }
}

/// Where Locust is installed once for all emulators of this user: `UNDERSTUDY_LOCUST_CACHE`, or the user's cache.
#[expect(
    clippy::disallowed_methods,
    reason = "the emulator is no part of the console, whose configuration reads the environment"
)]
fn environments(folder: &Path) -> PathBuf {
    let named = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let cache = || named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    named("UNDERSTUDY_LOCUST_CACHE")
        .or_else(|| Some(cache()?.join("understudy").join("locust")))
        .unwrap_or_else(|| folder.join("locust"))
}
