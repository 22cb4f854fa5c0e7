//! Compares every field of a release with the observed state.

use super::SignedIn;
use crate::planner::drift::{Drift, drift};
use crate::planner::file::Label;
use crate::planner::latest::Newest;
use crate::planner::needs::Built;
use crate::planner::observed::{Live, Observed};
use crate::releases::read::{Snapshot, Understood};
use crate::runs::reading;
use domain::name::{DeploymentName, StageName};
use domain::release::deploy::DeployRelease;
use domain::release::{Definition, Release};
use domain::release_drift::{ReleaseDrift, moved, targets};
use domain::repository::Defined;
use domain::stage::{EndpointKey, Freshness};
use std::collections::{BTreeMap, BTreeSet};

impl SignedIn {
    /// A release's endpoint as last observed, with Azure's response bodies.
    pub(super) fn live_of(&self, defined: &Defined) -> Option<Live> {
        let key = endpoint_of(defined)?;
        let seen = self.services.stages.get(&key.stage).ok()?.observer.now();
        let endpoint = seen.endpoints.get(&key.endpoint)?.clone();
        Some(match seen.bodies.get(&key.endpoint) {
            Some(bodies) => Live::with(endpoint, bodies),
            None => Live::of(endpoint),
        })
    }

    pub(super) fn standing_of(
        &self,
        release: &Understood,
        live: Option<&Live>,
        newest: &Newest,
    ) -> ReleaseDrift {
        let stage = release.defined.stage.as_ref();
        let place = stage.and_then(|stage| self.services.stages.get(stage).ok());
        let waits =
            place.is_some_and(|place| matches!(place.observer.now().freshness, Freshness::Waiting));
        match standing(release, live, newest) {
            ReleaseDrift::NoEndpoint if waits => {
                ReleaseDrift::NotCompared("The console has not read the stage yet".to_owned())
            }
            standing => standing,
        }
    }

    /// The current versions behind the releases' labels, by stage.
    pub(super) async fn newest_of(
        &self,
        releases: impl IntoIterator<Item = &Understood>,
    ) -> BTreeMap<StageName, Newest> {
        let mut labels: BTreeMap<&StageName, BTreeSet<Label>> = BTreeMap::new();
        for Understood { defined, files, .. } in releases {
            if let Some(stage) = &defined.stage {
                labels.entry(stage).or_default().extend(reading::labels([files]));
            }
        }
        let now = self.services.clock.now();
        let one = async |(stage, labels): (&StageName, BTreeSet<Label>)| {
            let place = self.services.stages.get(stage).ok()?;
            Some((stage.clone(), place.newest(&labels, now).await))
        };
        let all = futures::future::join_all(labels.into_iter().map(one)).await;
        all.into_iter().flatten().collect()
    }
}

/// A release's endpoint.
pub(super) fn endpoint_of(defined: &Defined) -> Option<EndpointKey> {
    let endpoint = deploy(&defined.release)?.endpoint_name.known()?.clone();
    Some(EndpointKey { stage: defined.stage.clone()?, endpoint })
}

fn deploy(release: &Release) -> Option<&DeployRelease> {
    match &release.definition {
        Some(Definition::Deploy(deploy)) => Some(deploy),
        _ => None,
    }
}

/// Compares a release with its endpoint. `live`: `None` if the endpoint does not exist.
fn standing(
    Understood { defined, files, .. }: &Understood,
    live: Option<&Live>,
    newest: &Newest,
) -> ReleaseDrift {
    if !defined.problems.is_empty() || defined.release.definition.is_none() {
        return ReleaseDrift::Broken;
    }
    if deploy(&defined.release).is_none() {
        return ReleaseDrift::NotCompared("Images are not compared".to_owned());
    }
    if !defined.release.questions.is_empty() {
        return ReleaseDrift::NotCompared("Inputs are missing".to_owned());
    }
    let (Some(live), Some(key)) = (live, endpoint_of(defined)) else {
        return ReleaseDrift::NoEndpoint;
    };
    let mut absent = targets(&defined.release);
    absent.retain(|name| live.endpoint.deployment(name).is_none());
    if !absent.is_empty() {
        return ReleaseDrift::Absent(absent);
    }
    let observed = Observed {
        newest: newest.clone(),
        storage_account: defined.infra.as_ref().map(|infra| infra.storage_account.name.clone()),
        ..Observed::of(live.clone())
    };
    let Some(Drift { fields, route, unknown }) = drift(&defined.release, &key, files, &observed)
    else {
        return ReleaseDrift::NoEndpoint;
    };
    let endpoint = &live.endpoint;
    let made = |name: &DeploymentName| endpoint.deployment(name).and_then(|one| one.created);
    let is_older = |one: &DeploymentName, other: &DeploymentName| {
        made(one).zip(made(other)).is_some_and(|(one, other)| one < other)
    };
    let route = route.map(|route| moved(&endpoint.route, &route, is_older).join(", "));
    match (fields.is_empty(), unknown.first()) {
        (false, _) => ReleaseDrift::Differs { route, fields },
        (true, Some(label)) => {
            ReleaseDrift::NotCompared(format!("The version of {label} could not be looked up"))
        }
        (true, None) => ReleaseDrift::AsDefined,
    }
}

/// The image that a release deploys: the one in its own input, or the one of the build job that it needs. `None` if it
/// needs several.
pub(super) fn built(snapshot: &Snapshot, defined: &Defined) -> Option<Built> {
    let deploy = deploy(&defined.release)?;
    let own = deploy.ml_env_name.as_ref().and_then(|asked| asked.known());
    let of_build = || {
        let mut names = snapshot.releases.iter().filter_map(|other| {
            let other = &other.defined;
            let is_waited_for = other.id.workflow == defined.id.workflow
                && defined.release.origin.needs.contains(&other.id.job);
            match &other.release.definition {
                Some(Definition::Build(build)) if is_waited_for => build.ml_env_name.known(),
                _ => None,
            }
        });
        let name = names.next()?;
        names.next().is_none().then_some(name)
    };
    let name = own.or_else(of_build)?;
    let revision = &snapshot.head.revision;
    let (name, commit) = (name.as_str().to_owned(), revision.commit.clone());
    Some(Built { name, commit_at: revision.at, commit })
}
