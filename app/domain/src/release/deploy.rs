//! Deployments: the inputs of `deploy_realtime.yml` in both forms, primary and shadow, and blue and green.

use super::build::{ImageName, Words};
use super::environment::EnvironmentName;
use super::input::{Asked, Inputs};
use super::note::Weight;
use super::path::RepoPath;
use super::percent::Percent;
use super::reader::{Reader, Said};
use super::tags::Tags;
use super::version::{Form, TemplateVersion};
use super::{Template, contract};
use crate::name::{DeploymentName, EndpointName};
use serde::{Deserialize, Serialize};

mod colours;
mod load_test;
mod shadow;

pub use colours::{Colour, Colours};
pub use load_test::LoadTest;
pub use shadow::Shadow;

pub(super) use colours::{first_form_of, speaks_blue_green, speaks_first_form};

pub(super) const ENVIRONMENT: &str = "Name the GitHub environment, like anet-dev.";
pub(super) const CONFIG: &str =
    "Name the infra configuration's file, like config-infra-anet-dev.yml.";

/// A deployment's name and its YAML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub name: Asked<DeploymentName>,
    pub config: Asked<RepoPath>,
}

/// The first form of the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryAndShadow {
    /// Whether the workflow changes the endpoint and its deployments.
    pub deploy: Asked<bool>,
    /// The deployment that carries live traffic.
    pub primary: Target,
    /// The shadow deployment. While there is one, the workflow does not change the primary.
    pub shadow: Option<Shadow>,
}

/// Changes to the deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    PrimaryAndShadow(PrimaryAndShadow),
    BlueGreen(Colours),
}

/// The checked inputs of `deploy_realtime.yml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployRelease {
    /// The GitHub environment, which identifies a stage.
    pub environment: Asked<EnvironmentName>,
    pub environment_config_file: Asked<RepoPath>,
    pub endpoint_name: Asked<EndpointName>,
    pub endpoint_config: Asked<RepoPath>,
    pub work: Work,
    pub load_test: LoadTest,
    /// The environment whose image is built (since v1.0.3) and deployed.
    pub ml_env_name: Option<Asked<ImageName>>,
    /// The inputs of that build (since v1.0.3).
    pub image: FirstBuild,
    /// Whether requests are logged to a queue (since v1.0.5).
    pub enable_queue_logging: Option<Asked<bool>>,
    /// The templates' tag, repeated (since v1.0.0).
    pub templates_repo_ref: Option<Asked<Words>>,
}

/// The inputs of the build that precedes a deployment. All are optional, but `build.yml` stops if one is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstBuild {
    /// The description of the environment's new version.
    pub ml_env_description: Option<Asked<Words>>,
    /// The Dockerfile layer to build.
    pub target_layer: Option<Asked<Words>>,
    pub tags: Option<Asked<Tags>>,
    /// Whether the workflow frees disk space on the runner first.
    pub maximise_disk_space: Asked<bool>,
}

impl DeployRelease {
    /// Whether a version logs this release's requests to a queue; `None` if only GitHub knows. Blue and green log
    /// by default; the first form never does.
    #[must_use]
    pub fn logs_to_queue(&self, version: &TemplateVersion) -> Option<bool> {
        match &self.enable_queue_logging {
            _ if !version.sets_variables() => Some(false),
            Some(asked) if version.sets_queue_logging() => asked.known().copied(),
            _ => Some(true),
        }
    }

    /// Whether a version builds the image before it deploys; `None` if only GitHub knows.
    #[must_use]
    pub fn builds_first(&self, version: &TemplateVersion) -> Option<bool> {
        let Work::BlueGreen(colours) = &self.work else { return Some(false) };
        if version.builds_first() { colours.deploys() } else { Some(false) }
    }
}

/// Reads a deployment's inputs. Returns no deployment if there is any problem.
pub(super) fn read(
    inputs: &Inputs,
    version: &TemplateVersion,
    declared: Option<&[contract::Declared]>,
) -> (Option<DeployRelease>, Said) {
    let mut reader = Reader::new(inputs, Template::DeployRealtime, version);
    let deploy = fields(&mut reader);
    if let Some(deploy) = &deploy {
        note_build(&mut reader, deploy);
    }
    let said = reader.finish(declared);
    (deploy.filter(|_| said.0.is_empty()), said)
}

fn fields(reader: &mut Reader<'_>) -> Option<DeployRelease> {
    let environment = reader.text("environment", ENVIRONMENT);
    let environment_config_file = reader.text("environment_config_file", CONFIG);
    let endpoint_name = reader.text("endpoint_name", "Name the endpoint, like anet-ep-dev.");
    let endpoint_config = reader.text("endpoint_config", "Give the path of the endpoint's YAML.");
    let work = work(reader);
    let load_test = load_test::read(reader, endpoint_name.as_ref());
    let ml_env_name = reader.text_if_given("ml_env_name");
    let image = first_build(reader);
    let enable_queue_logging = reader.flag_if_given("enable_queue_logging");
    let templates_repo_ref = reader.text_if_given("templates_repo_ref");
    same_ref(reader, templates_repo_ref.as_ref());
    Some(DeployRelease {
        environment: environment?,
        environment_config_file: environment_config_file?,
        endpoint_name: endpoint_name?,
        endpoint_config: endpoint_config?,
        work: work?,
        load_test: load_test?,
        ml_env_name,
        image: image?,
        enable_queue_logging,
        templates_repo_ref,
    })
}

fn first_build(reader: &mut Reader<'_>) -> Option<FirstBuild> {
    Some(FirstBuild {
        ml_env_description: reader.text_if_given("ml_env_description"),
        target_layer: reader.text_if_given("target_layer"),
        tags: reader.text_if_given("tags"),
        maximise_disk_space: reader.flag_or("maximise_disk_space", false)?,
    })
}

/// Warns if `templates_repo_ref`, the version of the scripts, differs from the version of the called workflow.
pub(super) fn same_ref(reader: &mut Reader<'_>, again: Option<&Asked<Words>>) {
    const KEY: &str = "templates_repo_ref";
    let called = reader.version.reference.clone();
    let again = again.and_then(Asked::known).map(|again| again.as_str().trim());
    if let (Some(called), Some(again)) = (called, again)
        && again.strip_prefix("refs/tags/").unwrap_or(again) != called
    {
        let message = format!(
            "{KEY} is {again}, but the call names {called}: the workflow of {called} would run with the scripts of \
             {again}. Write the same tag in both."
        );
        reader.note(Weight::Warning, KEY, message);
    }
}

/// Warns if the build that precedes the deployment would stop.
fn note_build(reader: &mut Reader<'_>, deploy: &DeployRelease) {
    let key = "ml_env_name";
    if deploy.builds_first(reader.version) != Some(true) || reader.is_wrong(key) {
        return;
    }
    let FirstBuild { ml_env_description, target_layer, tags, .. } = &deploy.image;
    let all = [
        (key, deploy.ml_env_name.is_some()),
        ("ml_env_description", ml_env_description.is_some()),
        ("target_layer", target_layer.is_some()),
        ("tags", tags.is_some()),
    ];
    let empty: Vec<_> = all.iter().filter(|(_, given)| !given).map(|(key, _)| *key).collect();
    if !empty.is_empty() {
        let message = format!(
            "{} from v1.0.3 on builds the image before it deploys, and build.yml stops if one of its inputs is \
             empty: {}. The console deploys the existing image.",
            Template::DeployRealtime.file(),
            empty.join(", ")
        );
        reader.note(Weight::Warning, key, message);
    }
}

fn work(reader: &mut Reader<'_>) -> Option<Work> {
    if reader.version.form() == Form::BlueGreen {
        return colours::read(reader).map(Work::BlueGreen);
    }
    let deploy = reader.flag(
        "deploy",
        "Write true to update the endpoint and its deployments, false to update only diagnostic settings, \
         the alert and the load test.",
    );
    let name: Option<Asked<DeploymentName>> =
        reader.text("deployment_name", "Name the primary deployment, like anet-eedi.");
    let config =
        reader.text("deployment_config", "Give the path of the primary deployment's YAML.");
    let shadow = shadow::read(reader, name.as_ref());
    Some(Work::PrimaryAndShadow(PrimaryAndShadow {
        deploy: deploy?,
        primary: Target { name: name?, config: config? },
        shadow,
    }))
}

/// Returns a message if a percentage exceeds what Azure can mirror.
fn mirror_problem(percent: Option<&Asked<Percent>>) -> Option<String> {
    use crate::route::MIRROR_MAX;
    let percent = percent?.known().filter(|percent| percent.get() > MIRROR_MAX)?;
    Some(format!(
        "{percent} cannot be mirrored: Azure mirrors at most {MIRROR_MAX} % of live traffic. Lower it"
    ))
}
