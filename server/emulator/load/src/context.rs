//! What a test gets from its caller, and what the kinds of plans return.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::log::{LogSink, Mask};
use crate::recorder::Totals;
use crate::sample::Sample;

/// Cancels a test when set to `true`, or when its sender is dropped.
pub type Cancel = watch::Receiver<bool>;

/// Says that the engines must end. As with [`Cancel`], a dropped sender says so too.
pub(crate) type Stop = watch::Receiver<bool>;

/// Where results files go.
#[derive(Clone, Debug)]
pub struct Results {
    /// It is created if needed. Existing files are overwritten.
    pub folder: PathBuf,
    /// The size of all files together.
    pub bytes_max: u64,
}

/// The surroundings of a test.
#[derive(Clone)]
pub struct Run<'a> {
    /// The test's own files are in a new folder here, which is removed at the end. If this process is killed, the folder
    /// stays; everything here may be removed while no test runs.
    pub work_dir: &'a Path,
    /// No results files if `None`.
    pub results: Option<Results>,
    /// The caller's clock at this moment: Unix time in milliseconds.
    pub started_at_ms: u64,
    /// Gets one sample per name, engine and second. Samples that find no place are dropped and counted.
    pub samples: mpsc::Sender<Sample>,
    pub log: LogSink<'a>,
    pub mask: Mask,
    pub cancel: Cancel,
}

/// What the engines did.
pub(crate) struct Driven {
    pub(crate) totals: Vec<Totals>,
    /// The time before the test's first second, for example to start processes.
    pub(crate) prepared: Duration,
    pub(crate) exit_code: Option<i32>,
    /// Why an engine ended early.
    pub(crate) broken: Option<String>,
}

/// Waits until the engines must end.
pub(crate) async fn stopped(stop: &mut Stop) {
    // An error means that the sender is gone.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}
