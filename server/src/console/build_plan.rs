//! What a build would do: read from its release, the repository, the registry and the deployments.

use super::SignedIn;
use super::find_release::Found;
use crate::azure::{environments, registry};
use crate::error::{OrInternal as _, from_azure};
use crate::jobs::begin::{self, Draft};
use crate::releases::building::By;
use crate::releases::source::Found as FoundFile;
use app::error::ConsoleError;
use app::port::{BuildPlan, BuildRequest, Result};
use domain::images::reference::LATEST;
use domain::repository::FILE_BYTES_MAX;
use domain::user::Right;

impl SignedIn {
    /// A build as its release defines it now, with the layers of its Dockerfile.
    pub(super) async fn draft_build(
        &self,
        request: &BuildRequest,
    ) -> Result<(Draft, Vec<String>, By)> {
        let Found { reader, snapshot, understood, .. } = self
            .find_release(&request.release, request.reference.as_ref(), &request.answers)
            .await?;
        let building = reader.building();
        let head = &snapshot.head;
        let path = building.path();
        let layers = match path.parse() {
            Ok(path) => {
                let file = reader.source().read(head, &path, FILE_BYTES_MAX).await;
                match file.map_err(|error| ConsoleError::Unavailable(error.to_string()))? {
                    FoundFile::File(file) => {
                        let layers = crate::jobs::layers(&file);
                        Some(layers.map_err(|error| {
                            ConsoleError::Refused(format!(
                                "{} cannot be read: {error}.",
                                building.path()
                            ))
                        })?)
                    }
                    FoundFile::Nothing | FoundFile::Other | FoundFile::TooLarge => None,
                }
            }
            Err(_) => None,
        };
        let draft = begin::draft(&understood, head, building, request, layers.as_deref());
        Ok((draft, layers.unwrap_or_default(), building.method))
    }

    pub(super) async fn view_build_plan(&self, request: &BuildRequest) -> Result<BuildPlan> {
        self.may_read()?;
        let services = &self.services;
        let (Draft { build, mut problems }, layers, by) = self.draft_build(request).await?;
        let (mut registry, mut uses, mut open, mut usual_ms) = (None, Vec::new(), None, None);
        let mut warnings = Vec::new();
        if let Some(build) = &build {
            let place = services.stages.get(&build.stage)?;
            if by == By::Registry {
                let found = registry::of_workspace(&place.arm, &place.workspace).await;
                match found.map_err(|error| from_azure(&error))? {
                    Some(found) => registry = Some(found.login_server),
                    None => problems.push(crate::jobs::NO_REGISTRY.to_owned()),
                }
            }
            let name = build.image.as_str();
            let versions = environments::versions(&place.arm, &place.workspace, name).await;
            let versions = versions.map_err(|error| from_azure(&error))?;
            let host = registry.as_deref().unwrap_or_default();
            let tag = format!("{host}/{name}:{LATEST}");
            let used = self.used(&build.stage, name);
            let (shown, warning) = super::image_uses::pushing(&tag, &used, &versions);
            uses = shown;
            warnings.extend(warning);
            let target = build.target();
            let recent = services.jobs.table.recent(&target, 1).await;
            let recent = recent.or_internal("jobs cannot be read")?;
            open = recent.into_iter().find(|job| job.progress.is_open());
            let usual = services.jobs.table.usual_ms(&target).await;
            usual_ms = usual.or_internal("jobs cannot be read")?;
        }
        Ok(BuildPlan {
            now: services.clock.now(),
            release: request.release.clone(),
            build: build.filter(|_| problems.is_empty()),
            problems,
            warnings,
            layers,
            registry,
            jobs: Vec::new(),
            open,
            uses,
            usual_ms,
            documents: Vec::new(),
            may_not_build: self.principal.why_not(Right::Build),
        })
    }
}
