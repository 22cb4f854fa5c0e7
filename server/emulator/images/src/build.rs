//! One build.

use std::path::PathBuf;
use std::time::Duration;

use crate::builder::Builder;
use crate::digest::Digest;
use crate::store::ImageStore;

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The unpacked build context.
    pub context: PathBuf,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The target stage; the last one if `None`.
    pub target: Option<String>,
    /// `--build-arg`, by name.
    pub arguments: Vec<(String, String)>,
    /// `repository:tag` of everything to push when the build succeeds.
    pub images: Vec<String>,
    pub timeout: Duration,
}

/// Receives the output of a build, in pieces of any size.
pub type LogSink<'a> = &'a (dyn Fn(&[u8]) + Send + Sync);

/// Cancels a build when set to `true`, or when its sender is dropped.
pub type Cancel = tokio::sync::watch::Receiver<bool>;

/// Why no image came out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildFailure {
    /// A step failed; its output is in the log.
    #[error("{0}")]
    Failed(String),
    #[error("the build was cancelled")]
    Cancelled,
    #[error("the build took longer than {} seconds", .0.as_secs())]
    TimedOut(Duration),
}

/// Builds an image and stores it under all its tags.
///
/// # Errors
/// See [`BuildFailure`]. Nothing is tagged then.
pub async fn build(
    store: &ImageStore,
    builder: Builder,
    request: BuildRequest,
    log: LogSink<'_>,
    cancel: Cancel,
) -> Result<Digest, BuildFailure> {
    let _ = (store, builder, request, log, cancel);
    todo!()
}
