//! What image an environment's version names, and that image's digest.

use super::StageContext;
use crate::azure::{self, environments, registry};
use domain::plan::image::PlannedImage;
use domain::timestamp::Timestamp;

impl StageContext {
    /// The image of a version (`env:3`) as it was read lately; `None` when it cannot be read. See [`Self::image_now`].
    pub async fn image_lately(
        &self,
        environment: &str,
        now: Timestamp,
    ) -> Option<Option<PlannedImage>> {
        let key = environment.to_owned();
        self.around.digests.get(&key, now, self.image_now(environment)).await
    }

    /// The image of a version; `None` if there is no such version, or if it names no image because Azure ML builds it.
    ///
    /// # Errors
    /// [`azure::Error`] when the environment or the registry cannot be read now.
    pub async fn image_now(&self, environment: &str) -> Result<Option<PlannedImage>, azure::Error> {
        let Some((name, version)) = environment.rsplit_once(':') else { return Ok(None) };
        let found = environments::version(&self.arm, &self.workspace, name, version).await?;
        let Some(image) = found.and_then(|found| found.image) else { return Ok(None) };
        let digest = match image.split_once('@') {
            Some((_, digest)) => Some(digest.to_owned()),
            None => self.digest_of_tag(&image).await?,
        };
        Ok(Some(PlannedImage { environment: environment.to_owned(), image, digest }))
    }

    async fn digest_of_tag(&self, image: &str) -> Result<Option<String>, azure::Error> {
        let read = async {
            let registry = registry::of_workspace(&self.arm, &self.workspace).await?;
            let Some(registry) = registry else { return Ok(None) };
            let Some((repository, tag)) = registry.locate(image) else { return Ok(None) };
            registry::image(&self.arm, &registry, repository, tag).await
        };
        match Box::pin(read).await {
            Ok(found) => Ok(found.map(|found| found.digest)),
            // Approvals must work for consoles that may not read the registry.
            Err(azure::Error::Denied(reason)) => {
                tracing::warn!(reason, image, "the console may not read the image's digest");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
