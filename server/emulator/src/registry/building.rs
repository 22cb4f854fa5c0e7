//! The build and the push of a run.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use images::{BuildFailure, BuildRequest, Digest};
use time::OffsetDateTime;
use tokio::sync::watch;

use super::job::{End, Job, cancelled, failed_during_run};
use super::writing::key;
use crate::builds::kept::Image;
use crate::store::Unkept;
use crate::when;

impl Job<'_> {
    /// Builds the source code and pushes the image. `is_denied` makes the push fail.
    pub async fn build_and_push(&self, source: &Path, is_denied: bool) -> Result<Digest, End> {
        let order = &self.run.order;
        let dockerfile = source.join(&order.dockerfile);
        if !dockerfile.is_file() {
            let text = format!(
                "unable to prepare context: the Dockerfile '{}' does not exist in the source code",
                order.dockerfile
            );
            self.log.line(&text);
            self.steps().failed("build");
            return Err(failed_during_run());
        }
        let images: &[Image] = if order.is_push_enabled { &self.run.images } else { &[] };
        let began = self.inner.clock.now();
        if let Some(chatter) = self.inner.running.take_chatter() {
            for piece in chatter.pieces() {
                self.log.write(piece.as_bytes());
                self.pause(chatter.pause_s()).await?;
                // Writing never waits, so others would have to.
                tokio::task::yield_now().await;
            }
        }
        let to_tag = if is_denied { &[] } else { images };
        let digest = self.build(source, to_tag).await?;
        let built = self.inner.clock.now();
        self.steps().built();
        for image in images {
            self.steps().push(image);
            if is_denied {
                self.log.line("denied: requested access to the resource is denied");
                self.steps().failed("push");
                return Err(failed_during_run());
            }
            let manifest = self.inner.images.manifest(&image.repository, digest.as_str());
            let bytes = manifest.map_or(0, |manifest| manifest.bytes.len());
            self.steps().pushed(image, digest.as_str(), bytes);
        }
        self.note(images, &digest)?;
        let took = |from, to: OffsetDateTime| Duration::try_from(to - from).unwrap_or_default();
        let now = self.inner.clock.now();
        self.steps().summary(digest.as_str(), images, [took(began, built), took(built, now)]);
        Ok(digest)
    }

    /// Notes the time of the push. The first image that comes out gives the workspaces their registry.
    fn note(&self, images: &[Image], digest: &Digest) -> Result<(), End> {
        let now = when::arm(self.inner.clock.now());
        let noted = self.inner.store.write(|state| {
            for image in images {
                let (repository, tag) = (&image.repository, Some(image.tag.as_str()));
                state.registry.note_push(repository, tag, digest.as_str(), &now);
            }
            state.registry.is_detached &= images.is_empty();
        });
        // Without the note only the time of the image is missing.
        match noted {
            Err(Unkept::Stopped) => Err(End::Stopped),
            _ => Ok(()),
        }
    }

    /// Runs the builder in a task of its own: if it panics, the agent is lost, and the run ends.
    async fn build(&self, source: &Path, images: &[Image]) -> Result<Digest, End> {
        let order = &self.run.order;
        let arguments = order.arguments.iter();
        let request = BuildRequest {
            context: source.to_owned(),
            dockerfile: order.dockerfile.clone(),
            target: order.target.clone(),
            arguments: arguments.map(|one| (one.name.clone(), one.value.clone())).collect(),
            images: images.iter().map(|one| format!("{}:{}", one.repository, one.tag)).collect(),
            // A real build takes real time, so it does not follow the emulator's clock.
            timeout: Duration::from_secs(order.timeout_s),
        };
        let (stop, stopped) = watch::channel(false);
        let (store, log) = (Arc::clone(&self.inner.images), Arc::clone(&self.log));
        let choice = self.inner.builder;
        let mut building = tokio::spawn(async move {
            let builder = choice.find().await;
            images::build(&store, builder, request, &|bytes| log.write(bytes), stopped).await
        });
        let wait = async {
            tokio::select! {
                built = &mut building => (built, None),
                end = cancelled(self.cancel.clone()) => {
                    stop.send_replace(true);
                    ((&mut building).await, Some(end))
                }
            }
        };
        let (built, end) = self.inner.agenda.elsewhere(&key(self.run.number), wait).await;
        match built {
            Ok(Ok(digest)) => Ok(digest),
            Ok(Err(BuildFailure::Cancelled)) => Err(end.unwrap_or(End::Canceled)),
            Ok(Err(BuildFailure::TimedOut(_))) => Err(end.unwrap_or(End::TimedOut)),
            // The builder has written why.
            Ok(Err(BuildFailure::Failed(_))) => {
                self.steps().failed("build");
                Err(end.unwrap_or_else(failed_during_run))
            }
            Err(error) => {
                tracing::error!(%error, run = self.run.number, "the builder panicked");
                Err(End::lost())
            }
        }
    }
}
