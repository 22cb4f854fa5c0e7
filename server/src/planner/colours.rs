//! Plans a blue/green release, the later form of the template.

use super::deployment::{self, Outcome};
use super::draft::PlanDraft;
use super::file::Files;
use super::observed::Observed;
use super::release::{Named, file_of};
use super::variables::{self, Setting, Variables};
use domain::name::DeploymentName;
use domain::release::deploy::{Colour, Colours, DeployRelease};
use domain::release::input::Asked;
use domain::release::{Problem, Release};
use domain::route::{Mirror, Route, Split};

fn known<T>(asked: Option<&Asked<T>>) -> Option<&T> {
    asked.and_then(Asked::known)
}

/// Whether the release deploys blue or green.
pub(super) fn deploys(both: &Colours) -> bool {
    [&both.blue, &both.green].iter().any(|colour| colour.deploy.known() == Some(&true))
}

/// Deploys the colours that the release names, then sets live traffic and mirror with one PUT.
pub(super) fn plan(
    draft: &mut PlanDraft<'_>,
    release: &Release,
    deploy: &DeployRelease,
    (both, files): (&Colours, &Files),
) -> Result<(), Problem> {
    let all = [("blue_deployment_config", &both.blue), ("green_deployment_config", &both.green)];
    for (key, colour) in all {
        let (name, path) = (known(colour.name.as_ref()), known(colour.config.as_ref()));
        if let (Some(true), Some(name), Some(path)) = (colour.deploy.known(), name, path) {
            let file = file_of(files, Named { key, path })?;
            let variables = variables(release, deploy, colour, draft.observed);
            if deployment::deploy(draft, name, file, variables.as_ref()) == Outcome::Written {
                left_out(draft, release, deploy, colour);
            }
        }
    }
    route(draft, both);
    Ok(())
}

fn share(colour: &Colour) -> u32 {
    colour.traffic.known().map_or(0, |share| u32::from(share.get()))
}

/// Sets the route of both colours. A colour without a mirror percentage, or with 0, gets no mirror. Unlike the
/// templates, this removes an existing mirror to the colour. A mirror to a deployment outside the release stays.
fn route(draft: &mut PlanDraft<'_>, both: &Colours) {
    let all = [&both.blue, &both.green];
    let mut live: Vec<(DeploymentName, u32)> = Vec::new();
    for colour in all {
        live.extend(known(colour.name.as_ref()).cloned().map(|name| (name, share(colour))));
    }
    let is_whole = live.iter().map(|(_, share)| share).sum::<u32>() == 100;
    let split = match Split::new(live) {
        Ok(split) if is_whole => split,
        _ => draft.route().split().clone(),
    };
    let mut mirror = draft.route().mirror().cloned();
    for colour in all {
        let Some(name) = known(colour.name.as_ref()) else { continue };
        match &colour.mirror {
            None => mirror = mirror.filter(|mirror| mirror.deployment() != name),
            Some(Asked::Known(_)) if split.share(name) > 0 => draft.cannot_mirror(name),
            Some(Asked::Known(percent)) => {
                mirror = Mirror::new(name.clone(), u32::from(percent.get())).ok();
            }
            Some(Asked::Unknown(_)) => {}
        }
    }
    let mirror = mirror.filter(|mirror| split.share(mirror.deployment()) == 0);
    if let Ok(after) = Route::new(split, mirror)
        && after != *draft.route()
    {
        draft.set_route(&after);
    }
}

/// The variables that the workflow sets on a colour. A colour that is not deployed keeps its variables.
pub(super) fn variables(
    release: &Release,
    deploy: &DeployRelease,
    colour: &Colour,
    observed: &Observed,
) -> Option<Variables> {
    let version = &release.version;
    let endpoint = deploy.endpoint_name.known().filter(|_| version.sets_variables())?;
    if colour.deploy.known() != Some(&true) {
        return Some(Variables::left_alone());
    }
    Some(Variables::of(&Setting {
        endpoint,
        is_live: share(colour) > 0,
        logs_to_queue: deploy.logs_to_queue(version),
        commit: release.origin.commit.as_deref().filter(|_| version.sets_build_sha()),
        storage_account: observed.storage_account.as_deref(),
    }))
}

/// Notes the work of the workflow that the console does not do.
fn left_out(draft: &mut PlanDraft<'_>, release: &Release, deploy: &DeployRelease, colour: &Colour) {
    let version = &release.version;
    let image = known(deploy.ml_env_name.as_ref());
    if let (Some(true), Some(image)) = (deploy.builds_first(version), image) {
        let layer = known(deploy.image.target_layer.as_ref());
        let layer = layer.map(|layer| format!(" from the layer {layer}")).unwrap_or_default();
        draft.build_first(format!(
            "it first builds the image {image}{layer} and registers it as a new version of the environment {image}"
        ));
    }
    let logs = deploy.logs_to_queue(version);
    if let (Some(true), Some(endpoint)) = (logs, deploy.endpoint_name.known()) {
        let queue = variables::queue(endpoint, share(colour) > 0);
        let account = draft.observed.storage_account.clone();
        let account = account.unwrap_or_else(|| "of the infra configuration".to_owned());
        draft.leave_to_workflow(format!(
            "for request logs it creates the queue {queue} and the blob container {} in the storage account \
             {account}, and gives the endpoint's identity the roles Storage Queue Data Contributor and \
             Storage Blob Data Contributor on them",
            variables::container(&queue)
        ));
    }
}
