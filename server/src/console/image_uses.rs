//! Which deployments use an image, and what that means for pushing and archiving it.

use super::SignedIn;
use crate::azure::environments::EnvironmentVersion;
use app::port::ImageUse;
use domain::guard::Level;
use domain::images::guards;
use domain::images::reference::ImageReference;
use domain::name::{DeploymentName, StageName};
use domain::route::Part;
use domain::stage::EndpointKey;

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
        let Ok(place) = self.services.stages.get(stage) else { return Vec::new() };
        let observed = place.observer.now();
        let all = observed.endpoints.values().flat_map(|endpoint| {
            endpoint.deployments.iter().map(move |deployment| (endpoint, deployment))
        });
        let used = all.filter_map(|(endpoint, deployment)| {
            let (used, version) = deployment.environment.as_deref()?.rsplit_once(':')?;
            used.eq_ignore_ascii_case(name).then(|| Used {
                at: endpoint.key.clone(),
                deployment: deployment.name.clone(),
                part: endpoint.part(&deployment.name),
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

    /// For the guards; `None` if the version does not name an image.
    fn judged(&self, versions: &[EnvironmentVersion]) -> Option<guards::ImageUse> {
        let version = versions.iter().find(|version| version.version == self.version)?;
        Some(guards::ImageUse {
            at: self.at.clone(),
            deployment: self.deployment.clone(),
            part: self.part,
            version: self.version.clone(),
            image: version.image.as_deref()?.parse().ok()?,
        })
    }
}

/// The deployments that use an image, and what pushing a tag means for them.
pub(super) fn pushing(
    tag: &str,
    used: &[Used],
    versions: &[EnvironmentVersion],
) -> (Vec<ImageUse>, Option<String>) {
    let Ok(tag) = tag.parse::<ImageReference>() else {
        return (used.iter().map(|used| used.shown(false)).collect(), None);
    };
    let judged: Vec<_> = used.iter().map(|used| used.judged(versions)).collect();
    let shown = used.iter().zip(&judged).map(|(used, judged)| {
        let follows = judged.as_ref().is_some_and(|judged| {
            judged.image.is_in_repository_of(&tag) && judged.image.moving_tag() == tag.moving_tag()
        });
        used.shown(follows)
    });
    let shown = shown.collect();
    let verdict = guards::pushing(&tag, &judged.into_iter().flatten().collect::<Vec<_>>());
    (shown, (verdict.level == Level::Warns).then_some(verdict.reason))
}

/// Why a version must not be archived.
pub(super) fn why_kept(version: &EnvironmentVersion, name: &str, used: &[Used]) -> Option<String> {
    if version.is_archived {
        return Some("The version is already archived.".to_owned());
    }
    let versions = std::slice::from_ref(version);
    let used: Vec<_> = used.iter().filter(|used| used.version == version.version).collect();
    let judged: Vec<_> = used.iter().filter_map(|used| used.judged(versions)).collect();
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
