//! Plans a release in the templates' order of work: endpoint and diagnostic settings, deployment, route, alert, load
//! test.

use super::draft::PlanDraft;
use super::file::{Files, Rendered};
use super::observed::{Live, Observed};
use super::{NoPlan, Planned, build, colours, drift, primary, shadow};
use domain::guard::inputs::GuardInputs;
use domain::name::DeploymentName;
use domain::plan::Difference;
use domain::release::deploy::{DeployRelease, PrimaryAndShadow, Shadow, Work};
use domain::release::environment::EnvironmentName;
use domain::release::input::Asked;
use domain::release::path::RepoPath;
use domain::release::{Definition, Problem, Release};
use domain::stage::EndpointKey;
use serde_json::Value;

/// The path of a file, and the input that names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) key: &'static str,
    pub(super) path: &'a RepoPath,
}

pub(super) fn file_of<'a>(files: &'a Files, named: Named<'_>) -> Result<&'a Rendered, Problem> {
    files.get(named.path).ok_or_else(|| Problem {
        key: named.key.to_owned(),
        line: None,
        message: format!(
            "{}: there is no readable file {} at this commit. Correct the path, or fix the file",
            named.key, named.path
        ),
    })
}

fn known<T>(asked: Option<&Asked<T>>) -> Option<&T> {
    asked.and_then(Asked::known)
}

pub(super) fn plan(
    release: &Release,
    files: &Files,
    observed: &Observed,
    facts: &GuardInputs,
) -> Result<Planned, NoPlan> {
    let none = |problems: Vec<Problem>| NoPlan { problems, questions: release.questions.clone() };
    let mut facts = facts.clone();
    facts.unanswered.extend(release.questions.iter().map(|question| question.key.clone()));
    match &release.definition {
        None => Err(none(release.problems.clone())),
        Some(Definition::Build(build)) => {
            build::plan(release, build, &facts, &observed.marks).ok_or_else(|| none(Vec::new()))
        }
        Some(Definition::Deploy(deploy)) => {
            let stage = deploy.environment.known().and_then(EnvironmentName::stage);
            let endpoint = deploy.endpoint_name.known();
            let Some((stage, endpoint)) = stage.zip(endpoint) else { return Err(none(Vec::new())) };
            let key = EndpointKey { stage, endpoint: endpoint.clone() };
            let promotion = facts.promotion.clone();
            let mut draft = PlanDraft::new(&key, observed, promotion.as_ref());
            work(&mut draft, release, deploy, files).map_err(|problem| none(vec![problem]))?;
            if facts.release_environment.is_none() {
                facts.release_environment =
                    known(deploy.ml_env_name.as_ref()).map(|name| name.as_str().to_owned());
            }
            facts.release_drift =
                draft.live.map(|live| left_alone(&draft, release, deploy, files, live));
            Ok(draft.finish(&facts, release.questions.clone()))
        }
    }
}

/// Adds the release's work in order. The first form sets the diagnostic settings before the endpoint, and blue/green
/// after it. Both set them after an endpoint that the plan creates.
pub(super) fn work(
    draft: &mut PlanDraft<'_>,
    release: &Release,
    deploy: &DeployRelease,
    files: &Files,
) -> Result<(), Problem> {
    let is_new = draft.live.is_none();
    match &deploy.work {
        Work::PrimaryAndShadow(work) => {
            if !is_new {
                draft.diagnostics();
            }
            match &work.shadow {
                _ if work.deploy.known() != Some(&true) => {
                    if is_new {
                        draft.diagnostics();
                    }
                }
                Some(shadow) => shadowed(draft, work, shadow, files, is_new)?,
                None => {
                    put_endpoint(draft, deploy, files)?;
                    if is_new {
                        draft.diagnostics();
                    }
                    let named = work.primary.name.known().zip(work.primary.config.known());
                    if let Some((name, path)) = named {
                        let file = file_of(files, Named { key: "deployment_config", path })?;
                        primary::primary(draft, name, file);
                    }
                }
            }
        }
        Work::BlueGreen(both) => {
            if colours::deploys(both) {
                put_endpoint(draft, deploy, files)?;
            }
            draft.diagnostics();
            colours::plan(draft, release, deploy, (both, files))?;
        }
    }
    let repository = &release.origin.repository;
    draft.alert(team(draft, deploy, files), (!repository.is_empty()).then_some(repository));
    load_test(draft, release, deploy);
    Ok(())
}

/// The team tag of the endpoint's definition or, without a definition, of the live endpoint.
fn team<'a>(draft: &PlanDraft<'a>, deploy: &DeployRelease, files: &'a Files) -> Option<&'a Value> {
    match deploy.endpoint_config.known().and_then(|path| files.get(path)) {
        Some(file) => file.body.pointer("/tags/team"),
        None => draft.live.and_then(|live| live.body.as_ref()?.pointer("/tags/team")),
    }
}

fn put_endpoint(
    draft: &mut PlanDraft<'_>,
    deploy: &DeployRelease,
    files: &Files,
) -> Result<(), Problem> {
    if let Some(path) = deploy.endpoint_config.known() {
        primary::endpoint(draft, file_of(files, Named { key: "endpoint_config", path })?);
    }
    Ok(())
}

fn shadowed(
    draft: &mut PlanDraft<'_>,
    work: &PrimaryAndShadow,
    shadow: &Shadow,
    files: &Files,
    is_new: bool,
) -> Result<(), Problem> {
    if is_new {
        draft.diagnostics();
    }
    let Some(name) = shadow.name.known() else { return Ok(()) };
    let mirror = known(shadow.mirror.as_ref());
    match (known(shadow.traffic.as_ref()), known(shadow.config.as_ref()), mirror) {
        (Some(traffic), _, _) => {
            if let Some(primary) = work.primary.name.known() {
                shadow::live(draft, name, primary, *traffic);
            }
        }
        (None, Some(path), Some(mirror)) => {
            let file = file_of(files, Named { key: "shadow_deployment_config", path })?;
            shadow::mirrored(draft, name, file, *mirror);
        }
        // As in the templates, the shadow needs a share, or YAML with a mirror percentage.
        _ => half_described(draft, name, shadow),
    }
    Ok(())
}

/// Notes which of the shadow's inputs are missing. An expression is not missing, because a question asks for it.
fn half_described(draft: &mut PlanDraft<'_>, name: &DeploymentName, shadow: &Shadow) {
    let given = [shadow.traffic.is_some(), shadow.config.is_some(), shadow.mirror.is_some()];
    match given {
        [false, false, false] => draft.leave_undone(format!(
            "{name} is named as the shadow without a share or a mirror percentage, so nothing is deployed"
        )),
        [false, true, false] => draft.leave_undone(format!(
            "the shadow's YAML is given without a mirror percentage, so {name} is not deployed"
        )),
        [false, false, true] => draft.leave_undone(format!(
            "a mirror percentage is given without the shadow's YAML, so nothing is mirrored to {name}"
        )),
        _ => {}
    }
}

fn load_test(draft: &mut PlanDraft<'_>, release: &Release, deploy: &DeployRelease) {
    let test = &deploy.load_test;
    let named = known(test.config.as_ref()).zip(known(test.name.as_ref()));
    if let (Some(true), Some((config, name))) = (test.run.known(), named) {
        let id = name.test_id(&draft.key.endpoint);
        let commit = release.origin.short_commit().unwrap_or("unknown");
        draft.load_test(id, config.to_string(), format!("commit-{commit}-{name}"));
    }
}

/// The fields that differ between the release and Azure, and that the plan does not change.
fn left_alone(
    draft: &PlanDraft<'_>,
    release: &Release,
    deploy: &DeployRelease,
    files: &Files,
    live: &Live,
) -> Vec<String> {
    let planned = draft.differences();
    let is_planned = |found: &Difference| {
        planned.iter().any(|p| p.subject == found.subject && p.field == found.field)
    };
    let found = drift::fields(release, deploy, files, (live, draft.observed)).fields;
    let found = found.into_iter().filter(|found| !is_planned(found));
    found.map(|found| format!("{} {}", found.subject, found.field)).collect()
}
