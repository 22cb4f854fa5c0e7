//! One build.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::builder::Builder;
use crate::digest::Digest;
use crate::names::split_image;
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

/// The words for a full disk, which programs and this crate use.
const NO_SPACE: &str = "No space left on device";

impl BuildFailure {
    /// A step failed for this reason.
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }

    /// A program failed; its last output may say that the disk is full.
    pub(crate) fn of_program(reason: String, tail: &str) -> Self {
        let is_full = tail.contains(NO_SPACE) || tail.contains("no space left on device");
        Self::Failed(if is_full { "no space left on device".to_owned() } else { reason })
    }
}

impl From<io::Error> for BuildFailure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::because("no space left on device")
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// Builds an image and stores it under all its tags. Dropping the future ends the build.
///
/// # Errors
/// See [`BuildFailure`]. Nothing is tagged then.
pub async fn build(
    store: &ImageStore,
    builder: Builder,
    request: BuildRequest,
    log: LogSink<'_>,
    mut cancel: Cancel,
) -> Result<Digest, BuildFailure> {
    let work = tokio::time::timeout(request.timeout, carry_out(store, builder, &request, log));
    let result = tokio::select! {
        biased;
        // If the sender was dropped, nobody waits for the image any more.
        _ = cancel.wait_for(|is_cancelled| *is_cancelled) => Err(BuildFailure::Cancelled),
        result = work => result.unwrap_or(Err(BuildFailure::TimedOut(request.timeout))),
    };
    if let Err(failure) = &result {
        log(format!("{failure}\n").as_bytes());
    }
    result
}

async fn carry_out(
    store: &ImageStore,
    builder: Builder,
    request: &BuildRequest,
    log: LogSink<'_>,
) -> Result<Digest, BuildFailure> {
    for image in &request.images {
        if split_image(image).is_none() {
            return Err(BuildFailure::because(format!(
                "invalid argument {image:?} for \"-t, --tag\" flag: invalid reference format"
            )));
        }
    }
    let digest = match builder {
        Builder::Buildah => crate::buildah::build(store, request, log).await,
        Builder::Docker => crate::docker::build(store, request, log).await,
        Builder::Process => crate::process::build(store, request, log).await,
    }?;
    log(format!("Successfully built {}\n", &digest.hex()[..12]).as_bytes());
    for image in &request.images {
        log(format!("Successfully tagged {image}\n").as_bytes());
    }
    Ok(digest)
}
