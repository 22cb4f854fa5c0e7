//! Begins jobs: drafts a build from a release, and stores it.

use super::Jobs;
use super::steps::{Layers, missing_layer};
use crate::entries::Principal;
use crate::releases::building::{Building, By};
use crate::releases::read::Understood;
use crate::releases::source::Head;
use crate::store::jobs::AppendError;
use app::port::BuildRequest;
use domain::job::JobId;
use domain::job::build::{Build, Deploys, Method};
use domain::release::build::{ImageName, KEYS};
use domain::release::input::Asked;
use domain::release::tags::Tags;
use domain::release::{Definition, Release, Template};
use domain::repository::{Defined, FileProblem};

/// The input that names the Dockerfile's layer.
const LAYER: &str = "target_layer";

/// A build as far as a release defines it.
#[derive(Debug)]
pub struct Draft {
    /// `None` if there are problems.
    pub build: Option<Build>,
    /// Why nothing can be built, in full sentences.
    pub problems: Vec<String>,
}

/// The inputs of a build, from a build release or from a deploy release that builds first.
struct Inputs<'a> {
    image: Option<&'a Asked<ImageName>>,
    description: Option<String>,
    layer: Option<String>,
    tags: Option<&'a Asked<Tags>>,
}

/// Drafts the build that a release defines.
#[must_use]
pub fn draft(
    understood: &Understood,
    head: &Head,
    building: &Building,
    request: &BuildRequest,
    layers: &Layers,
) -> Draft {
    let defined = &understood.defined;
    let mut problems = problems_of(defined, request);
    let inputs = match inputs(&defined.release) {
        Ok(inputs) => inputs,
        Err(why) => {
            // The problems of the release say it better.
            if problems.is_empty() {
                problems.push(why);
            }
            return Draft { build: None, problems };
        }
    };
    if let Some(layer) = &inputs.layer {
        problems.extend(problem_of_layer(defined, layer, building, layers));
    }
    let build = build(defined, head, &inputs, building, request);
    Draft { build: build.filter(|_| problems.is_empty()), problems }
}

/// The problems of a release, in full sentences.
fn problems_of(defined: &Defined, request: &BuildRequest) -> Vec<String> {
    let problem = |one: &FileProblem| {
        // A value that the person gave replaces the file's.
        let given =
            one.field.as_ref().filter(|field| request.answers.iter().any(|(key, _)| key == *field));
        match given {
            Some(field) => format!("{field}, as given below: {}", one.message),
            None => format!("{}: {}", one.place(), one.message),
        }
    };
    let mut problems: Vec<String> = defined.problems.iter().map(problem).collect();
    let release = &defined.release;
    let is_asked =
        |key: &str| request.deploy || release.template == Template::Build || KEYS.contains(&key);
    let asked = release.questions.iter().filter(|question| is_asked(&question.key));
    problems.extend(asked.map(|question| {
        format!(
            "Only GitHub can evaluate {}. Give the value of {}.",
            question.expression, question.key
        )
    }));
    if request.deploy && release.template == Template::Build {
        problems
            .push("This release only builds an image, so there is nothing to deploy.".to_owned());
    }
    if defined.stage.is_none() {
        problems.push(
            "No stage of the console belongs to the release's GitHub environment. Map it in the configuration: \
             repositories: environments."
                .to_owned(),
        );
    }
    problems
}

/// Why a layer cannot be built. A build release's own problems already name a missing layer.
fn problem_of_layer(
    defined: &Defined,
    layer: &str,
    building: &Building,
    layers: &Layers,
) -> Option<String> {
    let path = building.path();
    let is_it = |one: &FileProblem| one.field.as_deref() == Some(LAYER) || one.file == path;
    let is_said = defined.problems.iter().any(is_it);
    missing_layer(layer, layers, &path).filter(|_| !is_said)
}

/// The build of a release; `None` if an input is not known.
fn build(
    defined: &Defined,
    head: &Head,
    inputs: &Inputs<'_>,
    building: &Building,
    request: &BuildRequest,
) -> Option<Build> {
    let revision = &head.revision;
    let deploys =
        Deploys { release: defined.id.clone(), answers: request.answers.clone(), reason: None };
    Some(Build {
        stage: defined.stage.clone()?,
        image: inputs.image?.known()?.clone(),
        description: inputs.description.clone()?,
        tags: inputs.tags?.known()?.clone(),
        layer: inputs.layer.clone()?,
        repository: defined.id.repository.clone(),
        commit: revision.commit.clone().unwrap_or_else(|| head.key.clone()),
        subject: revision.title.clone(),
        committed: revision.at,
        reference: revision.reference.clone(),
        release: Some(defined.id.clone()),
        dockerfile: building.dockerfile.clone(),
        context: building.context.clone(),
        method: method(building, head, request),
        can_deploy: defined.release.template == Template::DeployRealtime,
        deploys: request.deploy.then_some(deploys),
        repeats: None,
    })
}

fn method(building: &Building, head: &Head, request: &BuildRequest) -> Method {
    match building.method {
        By::Registry => Method::Registry {
            untagged: building.untagged,
            timeout_minutes: building.timeout_minutes,
        },
        By::Workflow => Method::Workflow {
            file: request.release.workflow.clone(),
            on: head.revision.reference.as_ref().map_or_else(String::new, ToString::to_string),
            // The caller knows the workflow's file.
            inputs: Vec::new(),
            rerun: None,
        },
    }
}

/// The inputs of a release's build.
///
/// # Errors
/// Why the release builds nothing, in a full sentence.
fn inputs(release: &Release) -> Result<Inputs<'_>, String> {
    match &release.definition {
        Some(Definition::Build(build)) => Ok(Inputs {
            image: Some(&build.ml_env_name),
            description: known(&build.ml_env_description),
            layer: known(&build.target_layer),
            tags: Some(&build.tags),
        }),
        Some(Definition::Deploy(deploy)) => {
            if deploy.builds_first(&release.version) != Some(true) {
                return Err(format!(
                    "This release deploys without building an image first. The templates build first since v1.0.3; \
                     this release uses {}.",
                    release.version
                ));
            }
            Ok(Inputs {
                image: deploy.ml_env_name.as_ref(),
                description: deploy.image.ml_env_description.as_ref().and_then(known),
                layer: deploy.image.target_layer.as_ref().and_then(known),
                tags: deploy.image.tags.as_ref(),
            })
        }
        None => Err("The release has problems. Its page lists them.".to_owned()),
    }
}

fn known<T: ToString>(asked: &Asked<T>) -> Option<String> {
    asked.known().map(ToString::to_string)
}

/// What became of a request for a build.
#[derive(Debug)]
pub enum Begun {
    New(JobId),
    /// The same build is in progress already, for example because the form was sent twice.
    Same(JobId),
    /// Another build of the image is in progress.
    Other(JobId),
}

/// Stores a build, unless one of its image is in progress.
///
/// # Errors
/// When the store or the ledger fails.
pub async fn begin(jobs: &Jobs, build: Build, by: &Principal) -> Result<Begun, AppendError> {
    let target = build.target();
    match jobs.table.begin(build.clone(), by, jobs.clock.now()).await {
        Ok(job) => {
            jobs.moved();
            Ok(Begun::New(job.id))
        }
        Err(AppendError::AnotherIsOpen) => {
            let recent = jobs.table.recent(&target, 1).await?;
            match recent.into_iter().find(|job| job.progress.is_open()) {
                Some(job) if job.build.is_same(&build) => Ok(Begun::Same(job.id)),
                Some(job) => Ok(Begun::Other(job.id)),
                // It has just ended.
                None => Err(AppendError::Stale),
            }
        }
        Err(error) => Err(error),
    }
}
