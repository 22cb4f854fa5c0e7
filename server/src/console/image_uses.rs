//! Which deployments use an image, and what that means for pushing and archiving it.

use super::SignedIn;
use crate::azure::environments::EnvironmentVersion;
use crate::stages::StageContext;
use app::port::ImageUse;
use domain::guard::Level;
use domain::images::guards;
use domain::images::reference::ImageReference;
use domain::name::{DeploymentName, StageName};
use domain::route::Part;
use domain::stage::{EndpointKey, Freshness};
use std::collections::BTreeMap;
use std::time::Duration;

/// Number of environments read at once.
const AT_ONCE: usize = 4;
/// How long the page of a build waits for the images of one stage.
const READ_MAX: Duration = Duration::from_secs(5);

impl SignedIn {
    /// The deployments of a stage that use an environment, or one of its versions. Without `versions` it is not known what
    /// their images are.
    pub(super) fn uses_of(
        &self,
        stage: &StageName,
        name: &str,
        version: Option<&str>,
    ) -> Vec<ImageUse> {
        let used = self.used(stage, name);
        let used = used.iter().filter(|used| version.is_none_or(|version| used.version == version));
        used.map(|used| used.shown(false)).collect()
    }

    /// The deployments that use an environment, with the versions that they use.
    pub(super) fn used(&self, stage: &StageName, name: &str) -> Vec<Used> {
        let mut used = self.deployments_of(stage);
        used.retain(|used| used.environment.eq_ignore_ascii_case(name));
        used
    }

    /// The deployments of a stage that use an environment.
    fn deployments_of(&self, stage: &StageName) -> Vec<Used> {
        let Ok(place) = self.services.stages.get(stage) else { return Vec::new() };
        let observed = place.observer.now();
        let all = observed.endpoints.values().flat_map(|endpoint| {
            endpoint.deployments.iter().map(move |deployment| (endpoint, deployment))
        });
        let used = all.filter_map(|(endpoint, deployment)| {
            let (environment, version) = deployment.environment.as_deref()?.rsplit_once(':')?;
            Some(Used {
                at: endpoint.key.clone(),
                deployment: deployment.name.clone(),
                part: endpoint.part(&deployment.name),
                environment: environment.to_owned(),
                version: version.to_owned(),
            })
        });
        used.collect()
    }
}

/// A deployment that uses an environment.
#[derive(Debug, Clone)]
pub(super) struct Used {
    at: EndpointKey,
    deployment: DeploymentName,
    part: Part,
    environment: String,
    version: String,
}

impl Used {
    fn shown(&self, follows_latest: bool) -> ImageUse {
        let (live, mirror) = match self.part {
            Part::Live(share) => (share, 0),
            Part::Shadow(share) => (0, share),
            Part::Idle => (0, 0),
        };
        let (at, deployment) = (self.at.clone(), self.deployment.to_string());
        ImageUse { at, deployment, live, mirror, follows_latest }
    }

    /// `env:3`
    fn reference(&self) -> String {
        format!("{}:{}", self.environment, self.version)
    }

    fn unreadable(&self) -> String {
        let Self { at, deployment, .. } = self;
        format!(
            "The console cannot read the image of {}, which {deployment} of {} on {} uses, so it does not know whether this \
             build changes what new instances of {deployment} run.",
            self.reference(),
            at.endpoint,
            at.stage
        )
    }

    /// For the guards.
    fn judged(&self, image: ImageReference) -> guards::ImageUse {
        guards::ImageUse {
            at: self.at.clone(),
            deployment: self.deployment.clone(),
            part: self.part,
            version: self.version.clone(),
            image,
        }
    }
}

/// The deployments that a build concerns.
#[derive(Debug, Default)]
pub(super) struct Concerned {
    pub uses: Vec<ImageUse>,
    pub warnings: Vec<String>,
    /// Whether the deployments of all stages, and their images, are known.
    pub is_known: bool,
}

impl SignedIn {
    /// The deployments of all stages that use an environment of the build's name or an image of its repository, and what
    /// pushing the tag means for them. Stages may share a registry, so that a build for one moves the tags of all.
    /// `tag` is `None` if it is not known where the image is pushed.
    pub(super) async fn concerned(
        &self,
        stage: &StageName,
        name: &str,
        tag: Option<&ImageReference>,
    ) -> Concerned {
        let mut concerned = Concerned { is_known: true, ..Concerned::default() };
        let mut judged = Vec::new();
        for place in self.services.stages.iter() {
            let at = &place.stage.name;
            if let Some(unread) = unread(at, &place.observer.now().freshness) {
                concerned.is_known = false;
                concerned.warnings.push(unread);
            }
            for (used, image) in self.deployed(place).await {
                let is_named = used.environment.eq_ignore_ascii_case(name);
                let is_unreadable = image == Image::Unreadable;
                let image = image.reference().filter(|image| {
                    (is_named && at == stage)
                        || tag.is_some_and(|tag| image.is_in_repository_of(tag))
                });
                concerned.is_known &= !is_unreadable;
                if image.is_none() && !(is_named && (at == stage || is_unreadable)) {
                    continue;
                }
                if is_unreadable {
                    concerned.warnings.push(used.unreadable());
                }
                let moves = image.as_ref().zip(tag).is_some_and(|(image, tag)| {
                    image.is_in_repository_of(tag) && image.moving_tag() == tag.moving_tag()
                });
                concerned.uses.push(used.shown(moves));
                judged.extend(image.map(|image| used.judged(image)));
            }
        }
        if let Some(verdict) = tag.map(|tag| guards::pushing(tag, &judged))
            && verdict.level == Level::Warns
        {
            concerned.warnings.push(verdict.reason);
        }
        concerned
    }

    /// The deployments of a stage with their images.
    async fn deployed(&self, place: &StageContext) -> Vec<(Used, Image)> {
        let used = self.deployments_of(&place.stage.name);
        let mut environments: Vec<_> = used.iter().map(Used::reference).collect();
        environments.sort();
        environments.dedup();
        let now = self.services.clock.now();
        let mut images = BTreeMap::new();
        let read = async {
            for some in environments.chunks(AT_ONCE) {
                let read = some.iter().map(|one| place.image_lately(one, now));
                images.extend(some.iter().zip(futures::future::join_all(read).await));
            }
        };
        // What was not read in time counts as unreadable: the page of a build must not wait for a stage that is down.
        let _ = tokio::time::timeout(READ_MAX, read).await;
        let image = |used: &Used| match images.get(&used.reference()) {
            Some(Some(Some(found))) => Image::Names(found.image.clone()),
            Some(Some(None)) => Image::Nothing,
            Some(None) | None => Image::Unreadable,
        };
        let images: Vec<_> = used.iter().map(image).collect();
        used.into_iter().zip(images).collect()
    }
}

/// What is known of a deployment's image.
#[derive(Debug, PartialEq, Eq)]
enum Image {
    Names(String),
    /// Azure ML builds it, or the version is gone.
    Nothing,
    Unreadable,
}

impl Image {
    fn reference(&self) -> Option<ImageReference> {
        match self {
            Self::Names(image) => image.parse().ok(),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// A sentence for a stage whose deployments are not known.
fn unread(stage: &StageName, freshness: &Freshness) -> Option<String> {
    matches!(freshness, Freshness::Waiting | Freshness::Stale { since: None, .. }).then(|| {
        format!("The console has not read the deployments of {stage} yet, so it does not know which of them use this image.")
    })
}

/// Why a version must not be archived.
pub(super) fn why_kept(version: &EnvironmentVersion, name: &str, used: &[Used]) -> Option<String> {
    if version.is_archived {
        return Some("The version is already archived.".to_owned());
    }
    let used: Vec<_> = used.iter().filter(|used| used.version == version.version).collect();
    let image: Option<ImageReference> =
        version.image.as_deref().and_then(|image| image.parse().ok());
    let judged = used.iter().filter_map(|used| Some(used.judged(image.clone()?)));
    let judged: Vec<_> = judged.collect();
    let verdict = guards::deleting(&format!("version {} of {name}", version.version), &judged);
    match verdict.level {
        Level::Blocks => Some(verdict.reason),
        // A version whose image cannot be read is in use all the same.
        _ if judged.len() < used.len() => Some(format!(
            "{} of {} on {} uses this version. Delete the deployment first, or deploy another version to it.",
            used[0].deployment, used[0].at.endpoint, used[0].at.stage
        )),
        _ => None,
    }
}
