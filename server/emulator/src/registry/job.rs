//! One run on its agent, up to the digest of its image or the reason why it has no image.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use images::Digest;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::arm::SOURCES;
use super::misfortune::{self, Misfortune};
use super::steps::Steps;
use super::writing::{keep, key};
use crate::builds::kept::{Run, RunStatus};
use crate::builds::log::RunLog;
use crate::builds::unpack;
use crate::inner::Inner;
use crate::store::Unkept;
use crate::when;

/// When the phases of a run begin, in seconds after its schedule, at the emulator's speed. The build itself takes as
/// long as it takes.
const STARTED_S: f64 = 1.0;
const RUNNING_S: f64 = 2.0;
const SOURCE_S: f64 = 3.0;
const BUILD_S: f64 = 4.0;

/// How a run ended without success.
#[derive(Debug)]
pub enum End {
    /// A step failed; the log says why.
    Failed(String),
    /// The service failed.
    Lost(String),
    Canceled,
    TimedOut,
    /// The emulator has stopped, so nobody can be informed.
    Stopped,
}

impl From<Unkept> for End {
    fn from(_: Unkept) -> Self {
        Self::Stopped
    }
}

impl End {
    /// The machine of the build is gone.
    pub fn lost() -> Self {
        Self::Lost("the agent that ran the build was lost".to_owned())
    }
}

/// The failure that ACR reports for every program that fails.
pub fn failed_during_run() -> End {
    End::Failed("failed during run, err: exit status 1".to_owned())
}

/// A run that an agent carries out.
pub struct Job<'a> {
    pub inner: &'a Arc<Inner>,
    pub run: &'a Run,
    pub log: Arc<RunLog>,
    /// Becomes true when somebody cancels the run, and closes when the emulator stops.
    pub cancel: watch::Receiver<bool>,
}

impl Job<'_> {
    /// The writer of ACR's own lines.
    pub fn steps(&self) -> Steps<'_> {
        Steps { inner: self.inner, run: self.run, log: &self.log }
    }

    /// Waits on the emulator's clock, or until somebody cancels the run.
    async fn until(&self, moment: OffsetDateTime) -> Result<(), End> {
        let key = key(self.run.number);
        let outcome = {
            let due = self.inner.agenda.sleep_until(&key, &self.inner.clock, moment);
            tokio::select! {
                biased;
                end = cancelled(self.cancel.clone()) => Err(end),
                () = due => Ok(()),
            }
        };
        self.inner.agenda.enter(&key);
        outcome
    }

    /// Waits for some seconds at the emulator's speed, unless somebody cancels the run.
    pub async fn pause(&self, seconds: f64) -> Result<(), End> {
        self.until(self.inner.clock.now() + self.inner.pace.seconds(seconds)).await
    }

    async fn after(&self, seconds: f64) -> Result<(), End> {
        let created = when::parse(&self.run.created_at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        self.until(created + self.inner.pace.seconds(seconds)).await
    }

    /// The end of the time that the run may take.
    fn deadline(&self, running_since: OffsetDateTime) -> OffsetDateTime {
        running_since + Duration::from_secs(self.run.order.timeout_s)
    }

    /// Waits for the time-out or a cancellation.
    async fn stuck(&self, running_since: OffsetDateTime) -> End {
        match self.until(self.deadline(running_since)).await {
            Err(end) => end,
            Ok(()) => End::TimedOut,
        }
    }

    /// Carries the run out.
    pub async fn done(&self) -> Result<Digest, End> {
        if *self.cancel.borrow() || self.run.is_cancelled {
            return Err(End::Canceled);
        }
        let misfortune = misfortune::of(&self.run.images);
        self.after(STARTED_S).await?;
        if misfortune == Some(Misfortune::StuckQueue) {
            return Err(self.stuck(self.inner.clock.now()).await);
        }
        let started_at = when::arm(self.inner.clock.now());
        keep(self.inner, self.run.number, |run| {
            run.status = RunStatus::Started;
            run.started_at = Some(started_at.clone());
        })
        .await?;
        self.after(RUNNING_S).await?;
        keep(self.inner, self.run.number, |run| run.status = RunStatus::Running).await?;
        let running_since = self.inner.clock.now();
        let source = self.inner.running.source(self.run.number);
        self.unpack(source.path()).await?;
        self.steps().begin();
        self.after(BUILD_S).await?;
        if let Some(end) = self.misfortune(misfortune, source.path(), running_since).await {
            return Err(end);
        }
        let is_denied = misfortune == Some(Misfortune::Denied);
        self.build_and_push(source.path(), is_denied).await
    }

    /// What goes wrong before the build.
    async fn misfortune(
        &self,
        misfortune: Option<Misfortune>,
        source: &Path,
        running_since: OffsetDateTime,
    ) -> Option<End> {
        let fails = |text: &str| {
            self.log.line(text);
            self.steps().failed("build");
            Some(failed_during_run())
        };
        match misfortune? {
            Misfortune::StuckLog => {
                self.log.line("Step 1/1 : the next line of this log never comes");
                Some(self.stuck(running_since).await)
            }
            Misfortune::Agent => Some(End::lost()),
            Misfortune::Space => fails("write /var/lib/docker/tmp/layer: no space left on device"),
            Misfortune::Base => fails(&format!(
                "manifest for {} not found: manifest unknown: manifest unknown",
                self.base(source)
            )),
            Misfortune::Denied | Misfortune::StuckQueue => None,
        }
    }

    /// The image that the Dockerfile begins with.
    fn base(&self, source: &Path) -> String {
        let text = std::fs::read_to_string(source.join(&self.run.order.dockerfile));
        let text = text.unwrap_or_default();
        let mut words =
            text.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("from"));
        words.nth(1).unwrap_or("the base image").to_owned()
    }

    async fn unpack(&self, folder: &Path) -> Result<(), End> {
        self.steps().say("Downloading source code...");
        self.after(SOURCE_S).await?;
        let not_downloaded = |text: &str| {
            self.steps().say(text);
            End::Failed("failed to download context".to_owned())
        };
        let source = &self.run.order.source;
        let Some(archive) = self.inner.blobs.file(SOURCES, source) else {
            let text = "failed to download context. Please check if the URL is incorrect.";
            return Err(not_downloaded(text));
        };
        let to = folder.to_owned();
        let work = tokio::task::spawn_blocking(move || unpack::unpack(&archive, &to));
        let unpacked = work.await.map_err(|error| End::Lost(error.to_string()))?;
        let unpacked = unpacked
            .map_err(|error| not_downloaded(&format!("failed to download context: {error}")))?;
        for path in &unpacked.skipped {
            self.steps().say(&format!(
                "Left out {path}, which is a device or leads out of the source code"
            ));
        }
        self.steps().say("Finished downloading source code");
        Ok(())
    }
}

/// Resolves when somebody cancels the run, or the emulator stops.
pub async fn cancelled(mut cancel: watch::Receiver<bool>) -> End {
    match cancel.wait_for(|is_cancelled| *is_cancelled).await {
        Ok(_) => End::Canceled,
        Err(_) => End::Stopped,
    }
}
