//! The images that a plan's deployments run. Approvals cover their digests: a tag can move to another image.

use super::Changes;
use crate::azure::wire::short_asset;
use crate::planner::Planned;
use crate::planner::hash::with_images;
use crate::planner::pinned::Pinned;
use crate::planner::step::Step;
use crate::runs::begin::nothing_sent;
use crate::runs::reading::Reads;
use crate::secrets::Marks;
use crate::stages::StageContext;
use app::error::ConsoleError;
use domain::intent::Intent;
use domain::name::DeploymentName;
use domain::plan::image::PlannedImage;
use serde_json::Value;
use std::collections::BTreeMap;

impl Changes {
    /// Adds the images to a plan. A roll-back has none, because it must not depend on a registry.
    ///
    /// # Errors
    /// [`ConsoleError::Unavailable`] when an image cannot be read now.
    pub(super) async fn with_images(
        &self,
        place: &StageContext,
        intent: &Pinned,
        planned: Planned,
        marks: &Marks,
        reads: Reads,
    ) -> Result<Planned, ConsoleError> {
        if matches!(intent, Intent::RollBack { .. }) {
            return Ok(planned);
        }
        let mut images = BTreeMap::new();
        for (name, environment) in environments(&planned) {
            if let Some(image) = self.image(place, &environment, reads).await? {
                images.insert(name, image);
            }
        }
        Ok(if images.is_empty() { planned } else { with_images(planned, images, marks) })
    }

    async fn image(
        &self,
        place: &StageContext,
        environment: &str,
        reads: Reads,
    ) -> Result<Option<PlannedImage>, ConsoleError> {
        match reads {
            Reads::Fresh => {
                place.image_now(environment).await.map_err(|error| nothing_sent(&error))
            }
            Reads::Shared => {
                let read = place.image_lately(environment, self.runs.clock.now()).await;
                read.ok_or_else(|| {
                    ConsoleError::Unavailable(format!(
                        "The image of {environment} cannot be read now. Nothing was changed."
                    ))
                })
            }
        }
    }
}

/// The environment's version of each deployment that the plan creates, changes or gives more live traffic.
fn environments(planned: &Planned) -> BTreeMap<DeploymentName, String> {
    let rising = planned.plan.made_of.iter();
    let rising =
        rising.filter_map(|(name, made_of)| Some((name.clone(), made_of.environment.clone()?)));
    let put = planned.steps.iter().filter_map(|step| match step {
        Step::PutDeployment { name, body, .. } => {
            let id = body.pointer("/properties/environmentId").and_then(Value::as_str)?;
            Some((name.clone(), short_asset(id)))
        }
        _ => None,
    });
    // What is sent is newer than what is there.
    rising.chain(put).collect()
}
