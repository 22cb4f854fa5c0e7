//! Images: environments with their versions, and which deployments use them.

use super::SignedIn;
use super::image_uses::why_kept;
use crate::azure::environments::{self, Container, EnvironmentVersion};
use crate::azure::registry::{self, ImageInfo, Registry};
use crate::error::{OrInternal as _, from_azure};
use crate::jobs::{COMMIT_TAG, JOB_TAG};
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::{ImageSummary, ImageVersion, ImageView, ImagesView, Result, StageImages};
use domain::job::view::Job;
use domain::job::{Fact, JobId};
use domain::name::StageName;
use domain::release::Definition;
use domain::repository::ReleaseId;
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Right;

/// Maximum number of environments listed for a stage.
const IMAGES_MAX: usize = 200;
/// Maximum number of versions on an environment's page.
const VERSIONS_MAX: usize = 30;
/// Number of manifests read at once.
const AT_ONCE: usize = 4;
/// Number of jobs that an environment's page lists.
const JOBS_SHOWN: usize = 5;
/// Number of jobs that an environment's page knows.
const JOBS_MAX: i64 = 100;

impl SignedIn {
    pub(super) async fn view_images(&self) -> Result<ImagesView> {
        self.may_read()?;
        let mut stages = Vec::new();
        for place in self.services.stages.iter() {
            stages.push(self.stage_images(place).await?);
        }
        Ok(ImagesView { now: self.services.clock.now(), stages })
    }

    async fn stage_images(&self, place: &StageContext) -> Result<StageImages> {
        let stage = place.stage.name.clone();
        let (found, trouble) = match environments::containers(&place.arm, &place.workspace).await {
            Ok(found) => (found, None),
            Err(error) => (Vec::new(), Some(from_azure(&error).to_string())),
        };
        let found: Vec<Container> = found.into_iter().filter(|one| !one.is_archived).collect();
        let more = found.len().saturating_sub(IMAGES_MAX);
        let mut images = Vec::new();
        for container in found.into_iter().take(IMAGES_MAX) {
            let target = Target::Image { stage: stage.clone(), name: container.name.clone() };
            let job = self.services.jobs.table.recent(&target, 1).await;
            images.push(ImageSummary {
                uses: self.uses_of(&stage, &container.name, None).len(),
                job: job.or_internal("jobs cannot be read")?.pop(),
                name: container.name,
                latest: container.latest,
                description: container.description.unwrap_or_default(),
                registered: container.changed,
            });
        }
        Ok(StageImages { stage, trouble, images, more })
    }

    pub(super) async fn view_image(&self, stage: &StageName, name: &str) -> Result<ImageView> {
        self.may_read()?;
        let place = self.services.stages.get(stage)?;
        let found = environments::versions(&place.arm, &place.workspace, name).await;
        let mut found = found.map_err(|error| from_azure(&error))?;
        let target = Target::Image { stage: stage.clone(), name: name.to_owned() };
        let table = &self.services.jobs.table;
        let jobs = table.recent(&target, JOBS_MAX).await.or_internal("jobs cannot be read")?;
        let commits = self.newest_commit(stage, name).await;
        // An image that is to be built has a page before its first version.
        if found.is_empty() && jobs.is_empty() && commits.is_empty() {
            return Err(ConsoleError::NotFound(format!(
                "{stage} has no environment {}. The Images page lists all environments.",
                domain::text::shortened(&domain::text::visible(name), 60)
            )));
        }
        found.sort_by_key(|version| std::cmp::Reverse(version.created));
        let more = found.len().saturating_sub(VERSIONS_MAX);
        found.truncate(VERSIONS_MAX);
        let (registry, trouble) = match registry::of_workspace(&place.arm, &place.workspace).await {
            Ok(registry) => (registry, None),
            Err(error) => (None, Some(from_azure(&error).to_string())),
        };
        let manifests = manifests(place, registry.as_ref(), &found).await;
        let mut versions = Vec::new();
        for (found, manifest) in found.into_iter().zip(manifests) {
            let job = job_of(&found, &jobs);
            let digest = self.digest_of(&found, job.as_ref(), manifest.as_ref()).await;
            versions.push(self.version(stage, name, found, (job, manifest, digest), &commits));
        }
        let now = self.services.clock.now();
        let usual = table.usual_ms(&target, now).await.or_internal("jobs cannot be read")?;
        Ok(ImageView {
            now,
            stage: stage.clone(),
            name: name.to_owned(),
            versions,
            more,
            usual_ms: usual,
            releases: commits.into_iter().map(|(release, ..)| release).collect(),
            trouble,
            jobs: jobs.into_iter().take(JOBS_SHOWN).collect(),
        })
    }

    fn version(
        &self,
        stage: &StageName,
        name: &str,
        found: EnvironmentVersion,
        (job, manifest, digest): (Option<Job>, Option<ImageInfo>, Option<String>),
        releases: &[Newest],
    ) -> ImageVersion {
        let uses = self.uses_of(stage, name, Some(&found.version));
        let commit = found.tags.get(COMMIT_TAG).cloned();
        let commit = commit.or_else(|| job.as_ref().map(|job| job.build.commit.clone()));
        let commit = commit.or_else(|| manifest.as_ref()?.commit.clone());
        let used = self.used(stage, name);
        let may_not_archive =
            self.principal.why_not(Right::Build).or_else(|| why_kept(&found, name, &used));
        ImageVersion {
            warnings: warnings(&found, commit.as_deref(), releases),
            digest,
            commit,
            registered: found.created,
            // Azure knows only the console, which registered the version for somebody.
            by: job.as_ref().map(|job| job.by.clone()).or(found.created_by.clone()),
            took_ms: job.as_ref().and_then(|job| Some(job.ended?.0 - job.started.0)),
            bytes: manifest.as_ref().and_then(|manifest| manifest.size_bytes),
            job,
            archived: found.is_archived,
            uses,
            may_not_archive,
            tags: found.tags.into_iter().collect(),
            description: found.description.unwrap_or_default(),
            image: found.image,
            version: found.version,
        }
    }

    /// The digest of a version: named by the version itself, found by its build, or read from the registry.
    async fn digest_of(
        &self,
        found: &EnvironmentVersion,
        job: Option<&Job>,
        manifest: Option<&ImageInfo>,
    ) -> Option<String> {
        if let Some((_, digest)) = found.image.as_deref().and_then(|image| image.split_once('@')) {
            return Some(digest.to_owned());
        }
        let stored = match job {
            Some(job) => self.services.jobs.table.load(&job.id).await.ok().flatten(),
            None => None,
        };
        let built = stored.and_then(|job| {
            let mut facts = job.state.facts();
            facts.find_map(|fact| match fact {
                Fact::Image { digest, .. } => Some(digest.clone()),
                _ => None,
            })
        });
        built.or_else(|| manifest.map(|manifest| manifest.digest.clone()))
    }

    /// The releases that build an image, each with the newest commit that its repository has.
    async fn newest_commit(&self, stage: &StageName, name: &str) -> Vec<Newest> {
        let mut all = Vec::new();
        for reader in &self.services.repositories {
            let reading = reader.read(None, &self.services.clock, false).await;
            let Some(snapshot) = reading.snapshot else { continue };
            let builds = snapshot.releases.iter().filter(|one| {
                let Some(Definition::Build(build)) = &one.defined.release.definition else {
                    return false;
                };
                one.defined.stage.as_ref() == Some(stage)
                    && build.ml_env_name.known().is_some_and(|image| image.as_str() == name)
            });
            let revision = &snapshot.head.revision;
            all.extend(
                builds.map(|one| (one.defined.id.clone(), revision.commit.clone(), revision.at)),
            );
        }
        all
    }

    pub(super) async fn archive(&self, stage: &StageName, name: &str, version: &str) -> Result<()> {
        let place = self.services.stages.get(stage)?;
        let (arm, workspace) = (&place.arm, &place.workspace);
        let found = environments::version(arm, workspace, name, version).await;
        let Some(found) = found.map_err(|error| from_azure(&error))? else {
            return Err(ConsoleError::NotFound(format!(
                "{stage} has no such version of {name}. Nothing was changed. The environment's page lists its versions."
            )));
        };
        if let Some(why) = why_kept(&found, name, &self.used(stage, name)) {
            return Err(ConsoleError::Refused(format!("Nothing was changed. {why}")));
        }
        let archived = environments::archive(arm, workspace, name, version).await;
        archived.map_err(|error| from_azure(&error))?;
        let now = self.services.clock.now();
        let entry = crate::entries::jobs::archived(&self.principal, stage, name, version, now);
        self.services.history.record(entry).await.or_internal("the ledger cannot be written")
    }
}

/// A release with the newest commit of its repository.
type Newest = (ReleaseId, Option<String>, Option<Timestamp>);

/// Reads the manifests of all versions, as far as they are in the registry.
async fn manifests(
    place: &StageContext,
    registry: Option<&Registry>,
    versions: &[EnvironmentVersion],
) -> Vec<Option<ImageInfo>> {
    let Some(registry) = registry else { return vec![None; versions.len()] };
    let mut all = Vec::with_capacity(versions.len());
    for some in versions.chunks(AT_ONCE) {
        let read = some.iter().map(|version| manifest(place, registry, version));
        all.extend(futures::future::join_all(read).await);
    }
    all
}

async fn manifest(
    place: &StageContext,
    registry: &Registry,
    version: &EnvironmentVersion,
) -> Option<ImageInfo> {
    let (repository, reference) = registry.locate(version.image.as_deref()?)?;
    match registry::image(&place.arm, registry, repository, reference).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, repository, "a manifest cannot be read");
            None
        }
    }
}

/// The job that registered a version.
fn job_of(version: &EnvironmentVersion, jobs: &[Job]) -> Option<Job> {
    let id: JobId = version.tags.get(JOB_TAG)?.parse().ok()?;
    jobs.iter().find(|job| job.id == id).cloned()
}

/// What the person should know about a version.
fn warnings(
    version: &EnvironmentVersion,
    commit: Option<&str>,
    releases: &[Newest],
) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(image) = version.image.as_deref().filter(|image| !image.contains('@')) {
        let tag = image.rsplit('/').next().and_then(|name| name.split_once(':'));
        match tag {
            None => all.push(
                "The version names no tag, so it means whatever the tag latest is when an instance pulls the image."
                    .to_owned(),
            ),
            Some((_, tag)) => all.push(format!(
                "The version names the tag {tag}, which can move. An instance that starts later may pull another image."
            )),
        }
    }
    let newest = releases.iter().find(|(_, newest, _)| newest.is_some());
    if let (Some(commit), Some((release, Some(newest), at))) = (commit, newest)
        && commit != newest
        && version.created.zip(*at).is_some_and(|(created, at)| created < at)
    {
        let short = |commit: &str| commit.chars().take(7).collect::<String>();
        all.push(format!(
            "The image was built from {}. {} is now at {}, which is newer.",
            short(commit),
            release.repository,
            short(newest)
        ));
    }
    all
}
